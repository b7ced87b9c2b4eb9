#include <cmath>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::graph {
namespace {

std::string error_of(const std::string& json) {
  return test::error_of<core::ConfigError>([&] { (void)from_json(json, "model.onnx"); });
}

TEST(GraphConfig, AsJsonReadsBack) {
  GraphConfig config;
  config.grouping = Grouping::sector;
  config.buckets = BucketSource::build;
  config.edges = EdgeKind::radius;
  config.k = 24;
  config.radius = 7.25;
  config.metric = {"globX", "globY", "globZ"};
  EXPECT_EQ(to_json(config),
            R"({"grouping":"sector","buckets":"build","edges":"radius","k":24,"radius":7.25,)"
            R"("metric":["globX","globY","globZ"]})");
  EXPECT_EQ(from_json(to_json(config), "test"), config);
}

TEST(GraphConfig, KeysThatAreAbsentKeepTheirDefault) {
  EXPECT_EQ(from_json("{}", "test"), GraphConfig{});
}

TEST(GraphConfig, FilesFromBeforeTheRadiusAreRead) {
  GraphConfig config;
  config.k = 24;
  EXPECT_EQ(from_json(R"({"grouping":"bucket","buckets":"auto","edges":"knn","k":24,)"
                      R"("metric":["localY","localZ"]})",
                      "test"),
            config);
}

TEST(GraphConfig, TheRadiusMayBeWrittenAsAnInteger) {
  EXPECT_EQ(from_json(R"({"radius": 7})", "test").radius, 7.0);
}

TEST(GraphConfig, OnlyFullyConnectedGroupsHaveNoTable) {
  for (const EdgeKind edges : {EdgeKind::knn, EdgeKind::radius, EdgeKind::fully_connected}) {
    GraphConfig config;
    config.edges = edges;
    EXPECT_EQ(has_table(config), config.edges != EdgeKind::fully_connected);
  }
}

TEST(GraphConfig, JsonErrorsSayWhereWhatAndWhatIsAllowed) {
  EXPECT_EQ(error_of("{"), "model.onnx: the graph settings are not valid JSON: {");
  EXPECT_EQ(error_of("[]"), "model.onnx: the graph settings are not a JSON object: []");
  EXPECT_EQ(error_of(R"({"metrics": []})"),
            "model.onnx: unknown key graph.metrics, allowed: grouping, buckets, edges, k, radius, "
            "metric (did you mean metric?)");
  EXPECT_EQ(error_of(R"({"k": "16"})"), "model.onnx: graph.k is \"16\", expected an integer");
  EXPECT_EQ(error_of(R"({"k": 1.5})"), "model.onnx: graph.k is 1.5, expected an integer");
  EXPECT_EQ(error_of(R"({"k": 4294967297})"),
            "model.onnx: graph.k is 4294967297, expected an integer of 32 bits");
  EXPECT_EQ(error_of(R"({"k": -4294967297})"),
            "model.onnx: graph.k is -4294967297, expected an integer of 32 bits");
  EXPECT_EQ(error_of(R"({"edges": 3})"), "model.onnx: graph.edges is 3, expected a string");
  EXPECT_EQ(error_of(R"({"metric": "localY"})"),
            "model.onnx: graph.metric is \"localY\", expected a list of strings");
  EXPECT_EQ(error_of(R"({"metric": ["localY", 2]})"),
            "model.onnx: graph.metric is 2, expected a list of strings");
  EXPECT_EQ(error_of(R"({"radius": "10"})"),
            "model.onnx: graph.radius is \"10\", expected a number");
  EXPECT_EQ(error_of(R"({"radius": -2})"),
            "model.onnx: graph.radius: expected a number > 0, found '-2'");
  EXPECT_EQ(error_of(R"({"k": 0})"),
            "model.onnx: graph.k: expected an integer in 1..1024, found '0'");
}

TEST(GraphConfig, CheckNamesTheKeyAndWhatIsAllowed) {
  const auto error_with = [](auto change) {
    GraphConfig config;
    change(config);
    return test::error_of<core::ConfigError>([&] { check(config); });
  };
  EXPECT_EQ(error_with([](GraphConfig&) {}), "");
  EXPECT_EQ(error_of(R"({"grouping": "buckets"})"),
            "model.onnx: graph.grouping: expected one of bucket, sector, event, found 'buckets'; "
            "did you mean "
            "'bucket'?");
  EXPECT_EQ(error_of(R"({"buckets": "built"})"),
            "model.onnx: graph.buckets: expected one of file, build, auto, found 'built'; did you "
            "mean 'build'?");
  EXPECT_EQ(error_of(R"({"edges": "fullyconnected"})"),
            "model.onnx: graph.edges: expected one of knn, radius, fully_connected, found "
            "'fullyconnected'; "
            "did you mean 'fully_connected'?");
  EXPECT_EQ(error_with([](GraphConfig& c) { c.radius = 0; }),
            "graph.radius: expected a number > 0, found '0'");
  EXPECT_EQ(error_with([](GraphConfig& c) { c.radius = std::nan(""); }),
            "graph.radius: expected a number > 0, found 'nan'");
  EXPECT_EQ(error_with([](GraphConfig& c) { c.k = 1025; }),
            "graph.k: expected an integer in 1..1024, found '1025'");
  EXPECT_EQ(
      error_with([](GraphConfig& c) { c.metric = {}; }),
      "graph.metric is empty, give one or more of: localX, localY, localZ, globX, globY, globZ");
  EXPECT_EQ(error_with([](GraphConfig& c) {
              c.metric = {"localZ", "localY", "localZ"};
            }),
            "graph.metric names the coordinate localZ twice, give each once");
}

}  // namespace
}  // namespace stationhit::graph
