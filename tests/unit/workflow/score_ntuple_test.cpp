#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>
#include <stationhit/workflow/score_ntuple.hpp>

namespace stationhit::workflow {
namespace {

class ScoreNtuple : public SmallRun {
 protected:
  ScoreNtuple() {
    options.model = export_checkpoint(run, {}, {}, core::Observer{})->file;
    options.input = folder / "events.root";
    options.output = folder / "scored.root";
    options.threads = 1;
  }

  void write_input(const std::vector<core::Event>& events) {
    root_io::MuonHitDumpWriter writer(options.input);
    for (const core::Event& event : events) writer.write(event);
    writer.close();
  }
  void write_input(std::size_t n_events) { write_input(test::learnable_events(500, n_events)); }

  [[nodiscard]] std::vector<std::size_t> hits_of_output() const {
    root_io::MuonHitDumpReader reader({options.output});
    std::vector<std::size_t> hits;
    for (core::Event event; reader.next(event);) hits.push_back(event.hits.size());
    return hits;
  }

  ScoringOptions options;
};

TEST_F(ScoreNtuple, KeepsAllHitsAndCountsThoseAboveTheCut) {
  write_input(3);
  const ScoringResult result = score_ntuple(options, core::Observer{});
  EXPECT_FALSE(result.stopped);
  EXPECT_EQ(result.events, 3);
  EXPECT_EQ(result.hits, 3 * 120);
  EXPECT_TRUE(result.cut);
  EXPECT_LE(result.kept, result.hits);
  EXPECT_EQ(hits_of_output(), (std::vector<std::size_t>{120, 120, 120}));
}

TEST_F(ScoreNtuple, TheFilterDropsWhatIsNotAboveTheCut) {
  write_input(3);
  options.mode = root_io::ScoredMode::filter;
  options.cut = -1000.0F;
  EXPECT_EQ(score_ntuple(options, core::Observer{}).kept, 3 * 120);
  EXPECT_EQ(hits_of_output(), (std::vector<std::size_t>{120, 120, 120}));
  options.cut = 1000.0F;
  const test::RecordingObserver observer;
  EXPECT_EQ(score_ntuple(options, observer).kept, 0);
  ASSERT_EQ(observer.warnings.size(), 1U);
  EXPECT_CONTAINS(observer.warnings[0], "gives none of 360 hits a logit above the cut 1000; check");
  EXPECT_EQ(hits_of_output(), (std::vector<std::size_t>{0, 0, 0}));
}

TEST_F(ScoreNtuple, CountsHitsWithValuesThatAreNotFinite) {
  auto events = test::learnable_events(500, 2);
  events[1].hits.local_z[7] = std::numeric_limits<float>::quiet_NaN();
  write_input(events);
  const ScoringResult result = score_ntuple(options, core::Observer{});
  EXPECT_EQ(result.non_finite, 1);
  EXPECT_EQ(result.no_logit, 0);
}

TEST_F(ScoreNtuple, AFileWithoutEventsGivesOne) {
  write_input(0);
  EXPECT_EQ(score_ntuple(options, core::Observer{}).events, 0);
  EXPECT_TRUE(hits_of_output().empty());
}

TEST_F(ScoreNtuple, WritesTheInputsOfOneEvent) {
  write_input(2);
  options.dump = InputDump{folder / "inputs.safetensors", 1};
  (void)score_ntuple(options, core::Observer{});
  const data::SafetensorsFile inputs(options.dump->file);
  for (const char* name : {"features", "neighbours", "node_hit", "group_offsets", "logits"})
    EXPECT_TRUE(inputs.contains(name)) << name;
  EXPECT_FALSE(inputs.contains("edge_index"));
}

TEST_F(ScoreNtuple, NamesAnEventThatTheInputDoesNotHaveAndACutThatIsNotFinite) {
  write_input(2);
  const auto before = files();
  options.dump = InputDump{folder / "inputs.safetensors", 2};
  EXPECT_THROW((void)score_ntuple(options, core::Observer{}), core::UsageError);
  options.dump.reset();
  options.cut = std::numeric_limits<float>::infinity();
  EXPECT_THROW((void)score_ntuple(options, core::Observer{}), core::UsageError);
  EXPECT_EQ(files(), before);
}

TEST_F(ScoreNtuple, LeavesNoFileIfItIsStopped) {
  write_input(9);
  const auto before = files();
  test::RecordingObserver observer;
  observer.stop_at_update(1, "infer");
  const ScoringResult result = score_ntuple(options, observer);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.events, 4);
  EXPECT_EQ(files(), before);
}

TEST_F(ScoreNtuple, KeepsAnOlderOutputIfItIsStopped) {
  write_input(3);
  (void)score_ntuple(options, core::Observer{});
  const auto before = files();
  write_input(9);
  test::RecordingObserver observer;
  observer.stop_at_update(2, "infer");
  EXPECT_TRUE(score_ntuple(options, observer).stopped);
  EXPECT_EQ(files(), before);
  EXPECT_EQ(hits_of_output().size(), 3);
}

}  // namespace
}  // namespace stationhit::workflow
