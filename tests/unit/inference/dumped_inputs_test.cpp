#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>

#include <stationhit/inference/dumped_inputs.hpp>

namespace stationhit::inference {
namespace {

using test::data_error;

onnx_file::ModelMetadata metadata_of(graph::EdgeKind edges) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  graph::GraphConfig graph;
  graph.k = 2;
  graph.edges = edges;
  metadata.graph_json = graph::to_json(graph);
  metadata.interface_name = "edges";
  return metadata;
}

// logit = x + sum over the incoming edges of y of the source
HitClassifier edges_classifier(graph::EdgeKind edges = graph::EdgeKind::fully_connected) {
  return HitClassifier(test::write_model(test::edges_model(), metadata_of(edges)));
}

// Buckets of the nodes 0, of 1, 2, 3 and of 4, 5.
DumpedEvent three_buckets() {
  DumpedEvent event;
  event.feature_names = {"localX", "localY"};
  event.features = {1, 1, 2, 10, 3, 100, 4, 1000, 5, 1e4F, 6, 1e5F};
  event.edge_sources = {1, 1, 2, 2, 3, 3, 4, 5};
  event.edge_destinations = {2, 3, 1, 3, 1, 2, 5, 4};
  event.scores.assign(6, 0);
  event.kept.assign(6, 0);
  return event;
}

TEST(DumpedInputs, ModelsGetTheEdgesAsTheyStandThere) {
  const HitClassifier classifier = edges_classifier();
  const DumpedEvent event = three_buckets();
  const PreparedEvents prepared = prepare_dumped(classifier, event, "dump:1");
  EXPECT_EQ(prepared.inputs.edge_sources, event.edge_sources);
  EXPECT_EQ(prepared.inputs.edge_destinations, event.edge_destinations);
  EXPECT_EQ(prepared.nodes.front().offsets, (std::vector<std::uint32_t>{0, 1, 4, 6}));
  EXPECT_EQ(tool_scores(classifier, prepared),
            (std::vector<float>{1, 1102, 1013, 114, 100005, 10006}));
}

TEST(DumpedInputs, OneDirectionIsEnough) {
  DumpedEvent event = three_buckets();
  event.edge_sources = {3, 1, 2, 4};
  event.edge_destinations = {1, 2, 3, 5};
  const PreparedEvents prepared = prepare_dumped(edges_classifier(), event, "dump:1");
  EXPECT_EQ(prepared.nodes.front().offsets, (std::vector<std::uint32_t>{0, 1, 4, 6}));
}

// Two buckets that share a hit, and a hit with NaN.
core::Event overlapping_buckets() {
  core::Event event;
  event.header.run_number = 3;
  event.header.event_number = 12;
  core::resize(event.hits, 4);
  event.hits.local_x = {1, 2, 3, std::numeric_limits<float>::quiet_NaN()};
  event.hits.local_y = {10, 100, 1000, 1};
  event.hits.truth_link.assign(4, -1);
  core::for_each_bucket_column(
      [&](const char*, auto column) { (event.buckets.*column).resize(2); });
  event.buckets.offsets = {0, 2, 5};
  event.buckets.hits = {0, 1, 1, 2, 3};
  return event;
}

TEST(DumpedInputs, AnEventIsDumpedByNodes) {
  const HitClassifier classifier = edges_classifier();
  const DumpedEvent event = dump_event(classifier, overlapping_buckets(), "hash", 500);
  EXPECT_EQ(event.model_hash, "hash");
  EXPECT_EQ(event.run_number, 3U);
  EXPECT_EQ(event.event_number, 12U);
  EXPECT_EQ(event.feature_names, (std::vector<std::string>{"localX", "localY"}));
  EXPECT_EQ(event.features, (std::vector<float>{1, 10, 2, 100, 2, 100, 3, 1000}));
  EXPECT_EQ(event.scores, (std::vector<float>{101, 12, 1002, 103}));
  EXPECT_EQ(event.kept, (std::vector<std::uint8_t>{0, 0, 1, 0}));
  EXPECT_EQ(tool_scores(classifier, prepare_dumped(classifier, event, "dump:1")), event.scores);
}

TEST(DumpedInputs, NoNodes) {
  DumpedEvent event;
  event.feature_names = {"localX", "localY"};
  const HitClassifier classifier = edges_classifier();
  EXPECT_TRUE(tool_scores(classifier, prepare_dumped(classifier, event, "dump:1")).empty());
}

TEST(DumpedInputs, IncompleteBucketsAreRefused) {
  const HitClassifier classifier = edges_classifier();
  DumpedEvent event = three_buckets();
  const auto refused = [&] {
    return data_error([&] { (void)prepare_dumped(classifier, event, "dump.jsonl:7"); });
  };
  event.edge_sources = {1, 2, 4};
  event.edge_destinations = {2, 3, 5};
  EXPECT_CONTAINS(refused(), "dump.jsonl:7: edge_index joins nodes around 1 and 3 to one bucket");
  event = three_buckets();
  event.edge_sources.push_back(0);  // 0 to 5: all six nodes in one bucket
  event.edge_destinations.push_back(5);
  EXPECT_CONTAINS(refused(), "around 0 and 1");
  event = three_buckets();
  event.edge_sources.push_back(4);
  event.edge_destinations.push_back(4);
  EXPECT_CONTAINS(refused(), "edge 8 of edge_index goes from node 4 to itself");
}

TEST(DumpedInputs, OtherFeaturesAreRefused) {
  const HitClassifier classifier = edges_classifier();
  DumpedEvent event = three_buckets();
  event.feature_names[1] = "localZ";
  const auto refused = [&] {
    return data_error([&] { (void)prepare_dumped(classifier, event, "dump.jsonl:7"); });
  };
  EXPECT_CONTAINS(refused(), "dump.jsonl:7: feature_names[1] is localZ, ");
  EXPECT_CONTAINS(refused(), "takes localY there; give the model that the dump was made with");
  event.feature_names = {"localX"};
  EXPECT_CONTAINS(refused(), "feature_names has 1 features, ");
}

TEST(DumpedInputs, NeighborsOfAListOfEdges) {
  const HitClassifier classifier = edges_classifier(graph::EdgeKind::knn);
  DumpedEvent event = three_buckets();
  event.edge_sources = {1, 5, 0};
  event.edge_destinations = {0, 0, 4};
  EXPECT_EQ(tool_scores(classifier, prepare_dumped(classifier, event, "dump:1")),
            (std::vector<float>{100011, 2, 3, 4, 6, 6}));
  event.edge_sources.push_back(2);
  event.edge_destinations.push_back(0);
  EXPECT_CONTAINS(data_error([&] { (void)prepare_dumped(classifier, event, "dump.jsonl:7"); }),
                  "dump.jsonl:7: edge_index has more than 2 edges to node 0");
}

TEST(DumpedInputs, LogitsThatAreNotFiniteCountAsTheTool) {
  onnx_file::ModelMetadata metadata = metadata_of(graph::EdgeKind::fully_connected);
  metadata.interface_name = "nodes";
  const HitClassifier classifier(test::write_model(test::log_model(), metadata));
  DumpedEvent event = three_buckets();
  event.features[0] = -1;
  const auto scores = tool_scores(classifier, prepare_dumped(classifier, event, "dump:1"));
  EXPECT_EQ(scores.front(), graph::score_without_node);
  EXPECT_GT(scores[1], 0);
}

}  // namespace
}  // namespace stationhit::inference
