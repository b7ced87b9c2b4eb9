#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>
#include <support/recording_observer.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/workflow/replay_dump.hpp>

namespace stationhit::workflow {
namespace {

using inference::DumpedEvent;
using test::data_error;

// logit = x + sum over the incoming edges of y of the source
std::filesystem::path edges_model() {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  graph::GraphConfig graph;
  graph.edges = graph::EdgeKind::fully_connected;
  metadata.graph_json = graph::to_json(graph);
  metadata.interface_name = "edges";
  return test::write_model(test::edges_model(), metadata);
}

class ReplayDump : public testing::Test {
 protected:
  ReplayDump() {
    options_.model = edges_model();
    options_.dump = folder_ / "dump.jsonl";
  }

  // Buckets of the nodes 0, 1 and of 2, as the model scores them; nodes 0 and 1 are above the cut.
  [[nodiscard]] DumpedEvent event(std::uint64_t number) const {
    DumpedEvent event;
    event.model_hash = inference::hash_model_file(options_.model);
    event.event_number = number;
    event.feature_names = {"localX", "localY"};
    event.cut = 10;
    event.features = {1, 100, 20, 30, 3, 1000};
    event.edge_sources = {0, 1};
    event.edge_destinations = {1, 0};
    event.scores = {31, 120, 3};
    event.kept = {1, 1, 0};
    return event;
  }

  void write(const std::vector<DumpedEvent>& events) const {
    inference::EventDumpWriter writer(options_.dump);
    for (const DumpedEvent& one : events) writer.write(one);
    writer.close();
  }
  // Events 4 and 5, the second one with a change.
  void write_changed(const std::function<void(DumpedEvent&)>& change) const {
    DumpedEvent second = event(5);
    change(second);
    write({event(4), second});
  }
  // Puts `to` into the place of `from` in the second of two lines, past the checks of the writer.
  void write_edited(const std::string& from, const std::string& to) const {
    write({event(4), event(5)});
    std::string text = core::read_text_file(options_.dump);
    const std::size_t at = text.find(from, text.find('\n'));
    ASSERT_NE(at, std::string::npos) << from;
    std::ofstream(options_.dump, std::ios::binary) << text.replace(at, from.size(), to);
  }

  [[nodiscard]] ReplayResult replay() const { return replay_dump(options_, observer_); }
  [[nodiscard]] std::string refusal() const {
    return data_error([this] { (void)replay(); });
  }
  [[nodiscard]] std::string place(int line) const {
    return options_.dump.string() + ":" + std::to_string(line);
  }

  test::ScratchFolder folder_;
  test::RecordingObserver observer_;
  ReplayOptions options_;
};

TEST_F(ReplayDump, AgreesWithWhatTheModelGave) {
  write({event(4), event(5)});
  options_.repetitions = 3;
  const ReplayResult result = replay();
  EXPECT_EQ(result.backend, "onnxruntime");
  EXPECT_EQ(result.precision, "float32");
  EXPECT_EQ(result.model_hash, event(4).model_hash);
  EXPECT_EQ(result.events, 2U);
  EXPECT_EQ(result.nodes, 6U);
  EXPECT_EQ(result.edges, 4U);
  EXPECT_EQ(result.kept, 4U);
  EXPECT_EQ(result.difference.largest_relative, 0);
  EXPECT_FALSE(result.largest || result.first_changed || result.inputs || result.stopped);
  EXPECT_EQ(result.changed, 0U);
  EXPECT_TRUE(result.agrees(0));
}

TEST_F(ReplayDump, AnEditedScoreIsFound) {
  write_changed([](DumpedEvent& event) { event.scores[1] = 180; });
  const ReplayResult result = replay();
  EXPECT_DOUBLE_EQ(result.difference.largest_relative, 60. / 180);
  ASSERT_TRUE(result.largest);
  EXPECT_EQ(result.largest->where, place(2) + ", event 5, node 1");
  EXPECT_EQ(result.largest->recorded, 180);
  EXPECT_EQ(result.largest->score, 120);
  EXPECT_EQ(result.changed, 0U);
  EXPECT_FALSE(result.agrees(0.3));
  EXPECT_TRUE(result.agrees(0.4));
}

TEST_F(ReplayDump, AnEditedDecisionIsFound) {
  write_changed([](DumpedEvent& event) { event.kept = {0, 1, 1}; });
  const ReplayResult result = replay();
  EXPECT_EQ(result.changed, 2U);
  EXPECT_EQ(result.changed_far_from_cut, 2U);
  ASSERT_TRUE(result.first_changed);
  EXPECT_EQ(result.first_changed->where, place(2) + ", event 5, node 0");
  EXPECT_FALSE(result.agrees(1));
}

TEST_F(ReplayDump, ADecisionNearTheCutIsExplainedByTheTolerance) {
  write_changed([](DumpedEvent& event) {
    event.cut = 31.0001F;  // the model gives 31
    event.scores[0] = 31.0002F;
  });
  const ReplayResult result = replay();
  EXPECT_EQ(result.changed, 1U);
  EXPECT_EQ(result.changed_far_from_cut, 0U);
  EXPECT_TRUE(result.agrees(options_.tolerance));
  options_.tolerance = 1e-7;
  EXPECT_EQ(replay().changed_far_from_cut, 1U);
}

TEST_F(ReplayDump, WithoutComparisonOnlyScoresCount) {
  write_changed([](DumpedEvent& event) { event.scores[1] = 180; });
  options_.comparison = DumpComparison::leave_out;
  const ReplayResult result = replay();
  EXPECT_EQ(result.kept, 4U);
  EXPECT_EQ(result.difference.events, 0U);
  EXPECT_FALSE(result.largest);
  EXPECT_TRUE(result.agrees(0));
}

TEST_F(ReplayDump, TheOutputHasTheNewScoresAndDecisions) {
  write_changed([](DumpedEvent& event) {
    event.scores = {0, 0, 0};
    event.kept = {0, 0, 0};
  });
  options_.output = folder_ / "new.jsonl";
  (void)replay();
  inference::EventDumpReader reader(options_.output);
  DumpedEvent read;
  for (const std::uint64_t number : {4U, 5U}) {
    ASSERT_TRUE(reader.next(read));
    EXPECT_EQ(read, event(number));
  }
  EXPECT_FALSE(reader.next(read));
}

TEST_F(ReplayDump, TheFirstEventsAlone) {
  write_changed([](DumpedEvent& event) { event.scores[1] = 180; });
  options_.events = 1;
  EXPECT_EQ(replay().events, 1U);
  EXPECT_TRUE(replay().agrees(0));
}

TEST_F(ReplayDump, StoppedThereIsNoOutput) {
  write({event(4), event(5)});
  options_.output = folder_ / "new.jsonl";
  observer_.stop();
  const ReplayResult result = replay();
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.events, 1U);
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST_F(ReplayDump, AnotherModelIsRefusedOrCompared) {
  write_changed([](DumpedEvent& event) { event.model_hash = "0123456789abcdef"; });
  EXPECT_CONTAINS(refusal(), place(2) + ": the scores are of a model with XXH3 0123456789abcdef, " +
                                 options_.model.string() + " has " + event(4).model_hash);
  EXPECT_CONTAINS(refusal(), "compare with this one with --other-model");
  options_.other_model = OtherModel::accept;
  EXPECT_TRUE(replay().agrees(0));
  write_changed([](DumpedEvent& event) { event.feature_names = {"localX", "localZ"}; });
  EXPECT_CONTAINS(refusal(), place(2) + ": feature_names[1] is localZ, ");
}

TEST_F(ReplayDump, ALineThatIsCutOff) {
  write({event(4), event(5), event(6)});
  std::string text = core::read_text_file(options_.dump);
  const std::size_t second = text.find('\n') + 1, third = text.find('\n', second);
  std::ofstream(options_.dump, std::ios::binary)
      << text.substr(0, second + 100) << text.substr(third);
  EXPECT_CONTAINS(refusal(), place(2) + ": is no JSON (which has no NaN), it begins with ");
  std::ofstream(options_.dump, std::ios::binary) << text.substr(0, second + 100);
  EXPECT_CONTAINS(refusal(), place(2) + ": is cut off, it begins with ");
  options_.output = folder_ / "new.jsonl";
  (void)refusal();
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST_F(ReplayDump, LinesThatAreNoJson) {
  std::ofstream(options_.dump) << "hits\n";
  EXPECT_CONTAINS(refusal(), place(1) + ": is no JSON (which has no NaN), it begins with 'hits'");
}

TEST_F(ReplayDump, ADumpWithoutEvents) {
  std::ofstream(options_.dump).close();
  EXPECT_CONTAINS(refusal(), options_.dump.string() + ": has no events; make the dump again");
  std::filesystem::remove(options_.dump);
  EXPECT_CONTAINS(refusal(), options_.dump.string());
}

TEST_F(ReplayDump, EdgesThatDoNotFit) {
  write_edited("\"edge_index\":[[0,1]", "\"edge_index\":[[0]");
  EXPECT_CONTAINS(refusal(), place(2) + ": edge_index has 1 sources and 2 destinations");
  write_edited("\"edge_index\":[[0,1]", "\"edge_index\":[[0,3]");
  EXPECT_CONTAINS(refusal(), place(2) + ": edge_index[0][1] is 3, expected a node of the 3");
  write_changed([](DumpedEvent& event) {
    event.edge_sources = {0, 1};
    event.edge_destinations = {1, 2};
  });
  EXPECT_CONTAINS(refusal(), place(2) + ": edge_index joins nodes around 0 and 2 to one bucket");
}

TEST_F(ReplayDump, RecordedScoresThatAreNotFinite) {
  for (const char* value : {"NaN", "Infinity", "null", "1e39"}) {
    write_edited("\"scores\":[31.0", std::string("\"scores\":[") + value);
    EXPECT_CONTAINS(refusal(), place(2) + ": ");
  }
}

// The tool counts them as -100, and so does the replay.
TEST_F(ReplayDump, ScoresOfTheModelThatAreNotFinite) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  graph::GraphConfig graph;
  graph.edges = graph::EdgeKind::fully_connected;
  metadata.graph_json = graph::to_json(graph);
  metadata.interface_name = "nodes";
  options_.model = test::write_model(test::log_model(), metadata);
  DumpedEvent first = event(4);
  first.features[0] = -1;
  first.scores = {-100, std::log(20.0F), std::log(3.0F)};
  first.kept = {0, 0, 0};
  write({first});
  const ReplayResult result = replay();
  EXPECT_TRUE(result.agrees(1e-6));
  EXPECT_EQ(result.kept, 0U);
}

TEST_F(ReplayDump, AnOutputThatIsAnInputIsRefused) {
  write({event(4)});
  options_.output = options_.dump;
  EXPECT_CONTAINS(refusal(), options_.dump.string());
  EXPECT_EQ(core::read_text_file(options_.dump).size(), std::filesystem::file_size(options_.dump));
}

}  // namespace
}  // namespace stationhit::workflow
