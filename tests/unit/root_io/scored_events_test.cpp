#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/root_io/scored_events.hpp>

#include "foreign_ntuple.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;

class ScoredEvents : public testing::Test {
 protected:
  core::Event read() const {
    MuonHitDumpReader reader({output_});
    core::Event event;
    EXPECT_TRUE(reader.next(event));
    return event;
  }
  test::ScratchFolder folder_;
  std::filesystem::path output_ = folder_ / "out.root";
  core::Event event_ = test::random_event(1, 90, 2);
  std::vector<float> scores_;

  ScoredEvents() {
    for (std::size_t i = 0; i < event_.hits.size(); ++i)
      scores_.push_back(static_cast<float>(i) - 7.5F);
  }
};

TEST_F(ScoredEvents, ScoreModeKeepsEveryHit) {
  ScoredEventWriter writer(output_, {.sample = {"toy simulation", {200}}});
  writer.record_cut(0.5F, "0.99");
  writer.write(event_, scores_, {});
  writer.close();
  EXPECT_TRUE(read() == event_);
  EXPECT_EQ(read_scores(output_, 0), scores_);
  EXPECT_EQ(read_score_cut(output_)->working_point, "0.99");
  EXPECT_EQ(read_sample_info(output_).origin, "toy simulation");
}

TEST_F(ScoredEvents, FilterDropsHitsAndTheirScores) {
  ScoredEventWriter writer(output_, {.mode = ScoredMode::filter});
  std::vector<std::uint8_t> keep(event_.hits.size(), 0);
  keep[3] = keep[50] = 1;
  writer.write(event_, scores_, keep);
  writer.close();
  EXPECT_TRUE(read() == core::keep_hits(event_, std::vector<std::uint32_t>{3, 50}));
  EXPECT_EQ(read_scores(output_, 0), (std::vector<float>{-4.5F, 42.5F}));
}

TEST_F(ScoredEvents, BranchesThatTheInputLacksAreNotMadeUp) {
  ScoredEventWriter writer(output_, {.left_out = {"spacePoint_covXX", "mcEventWeight"}});
  writer.write(event_, scores_, {});
  writer.close();
  EXPECT_EQ(MuonHitDumpReader({output_}).missing_branches(),
            (std::vector<std::string>{"mcEventWeight", "spacePoint_covXX"}));
}

TEST_F(ScoredEvents, FieldsThatAreNotCopiedAreNamed) {
  test::ForeignNtuple ntuple(event_);
  ntuple.set("spacePoint_quality", std::vector<float>{1.0F});
  ntuple.write(folder_ / "in.root");
  std::string log;
  const core::Logger logger([&](core::LogLevel, const std::string& message) { log += message; });
  ScoredEventWriter writer(output_, {.input = folder_ / "in.root", .log = logger});
  writer.write(event_, scores_, {});
  writer.close();
  EXPECT_EQ(log, output_.string() + ": not copied from the input: spacePoint_quality");
  EXPECT_TRUE(holds_ntuple(folder_ / "in.root"));
  EXPECT_FALSE(holds_ntuple(output_));
  EXPECT_CONTAINS(
      data_error([&] { ScoredEventWriter(folder_ / "in.root", {.input = folder_ / "in.root"}); }),
      "in.root");
}

}  // namespace
}  // namespace stationhit::root_io
