#include <functional>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/inference/onnx_model.hpp>

#include "known_models.hpp"

namespace stationhit {
namespace {

using inference::Interface;
using inference::OnnxModel;

std::string refusal(const std::filesystem::path& path) {
  return test::error_of<core::DataError>([&] { const OnnxModel model(path); });
}

void expect_refusal(const std::filesystem::path& path, const std::string& part) {
  const std::string message = refusal(path);
  EXPECT_TRUE(message.starts_with(path.string() + ": ")) << message;
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(OnnxModel, KnowsTheThreeInterfaces) {
  EXPECT_EQ(OnnxModel(test::write_model(test::nodes_model())).interface(), Interface::nodes);
  EXPECT_EQ(OnnxModel(test::write_model(test::table_model())).interface(), Interface::table);
  EXPECT_EQ(OnnxModel(test::write_model(test::edges_model())).interface(), Interface::edges);
}

TEST(OnnxModel, RunsOnNoNodes) {
  inference::ModelInputs inputs;
  inputs.k = 4;
  EXPECT_TRUE(OnnxModel(test::write_model(test::table_model())).run(inputs).empty());
  EXPECT_TRUE(OnnxModel(test::write_model(test::edges_model())).run(inputs).empty());
}

TEST(OnnxModel, RefusesATruncatedFileWhereverItIsCut) {
  const std::string content = core::read_text_file(test::write_model(test::table_model()));
  const std::filesystem::path cut = test::fresh_path();
  for (std::size_t length = 0; length < content.size(); length += 37) {
    core::write_text_file(cut, std::string_view(content).substr(0, length));
    EXPECT_TRUE(refusal(cut).starts_with(cut.string() + ": ")) << "cut at " << length;
  }
}

TEST(OnnxModel, ADamagedFileIsRefusedOrLoadedButNeverCrashes) {
  const std::string content = core::read_text_file(test::write_model(test::table_model()));
  const std::filesystem::path damaged = test::fresh_path();
  for (std::size_t at = 0; at < content.size(); at += 5) {
    std::string copy = content;
    copy[at] = static_cast<char>(copy[at] ^ 0x15);
    core::write_text_file(damaged, copy);
    (void)refusal(damaged);
  }
}

TEST(OnnxModel, RefusesAModelWithoutMetadata) {
  test::GraphBuilder graph = test::nodes_model();
  graph.metadata({{"remark", "made by hand"}});
  const std::filesystem::path path = test::fresh_path();
  graph.write(path);
  expect_refusal(path, "the metadata lack the key \"feature_names\"");
}

TEST(OnnxModel, RefusesFeaturesThatNobodyComputes) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  metadata.feature_names = {"localX", "localW"};
  expect_refusal(test::write_model(test::nodes_model(), metadata),
                 "metadata key \"feature_names\": ");
  EXPECT_NE(refusal(test::write_model(test::nodes_model(), metadata)).find("localW"),
            std::string::npos);
}

TEST(OnnxModel, RefusesAFeatureListThatDoesNotFitTheInput) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  metadata.feature_names = {"localX"};
  expect_refusal(test::write_model(test::nodes_model(), metadata),
                 "the input features has 2 columns, but the metadata key \"feature_names\" has 1");
}

TEST(OnnxModel, RefusesAGraphThatDoesNotFit) {
  onnx_file::ModelMetadata metadata = test::known_metadata();
  graph::GraphConfig graph;
  graph.k = 7;
  metadata.graph_json = graph::to_json(graph);
  expect_refusal(test::write_model(test::table_model(), metadata),
                 "the input neighbours has 4 columns, but the metadata key \"graph\" says k = 7");
  metadata.graph_json = "{\"k\": 0}";
  expect_refusal(test::write_model(test::table_model(), metadata), "metadata key \"graph\"");
  metadata.graph_json.clear();
  expect_refusal(test::write_model(test::table_model(), metadata),
                 "the metadata lack the key \"graph\"");
}

TEST(OnnxModel, RefusesOtherInputs) {
  test::GraphBuilder graph("other");
  const std::string image =
      graph.input("image", test::ElementType::float32, {1, 3, "height", "width"});
  graph.node("Relu", {image}, {}, "output");
  graph.output("output", test::ElementType::float32, {1, 3, "height", "width"});
  expect_refusal(test::write_model(std::move(graph)),
                 "the model takes image float32 [1, 3, height, width] and gives output float32");
}

TEST(OnnxModel, RefusesAnOutputOfAnotherName) {
  test::GraphBuilder graph("other");
  graph.node("Relu", {graph.input("features", test::ElementType::float32, {"n", 2})}, {},
             "probability");
  graph.output("probability", test::ElementType::float32, {"n", 2});
  expect_refusal(test::write_model(std::move(graph)), "expected features float32 [N, F]");
}

TEST(OnnxModel, NoticesAnOutputOfAnotherSize) {
  test::GraphBuilder graph("other");
  graph.node("Relu", {graph.input("features", test::ElementType::float32, {"n", 2})}, {}, "output");
  graph.output("output", test::ElementType::float32, {"n", "columns"});
  const OnnxModel model(test::write_model(std::move(graph)));
  inference::ModelInputs inputs;
  inputs.n_nodes = 2;
  inputs.features = {1, 2, 3, 4};
  EXPECT_CONTAINS(test::data_error([&] { (void)model.run(inputs); }),
                  "the model gave 4 logits for 2 nodes");
}

TEST(OnnxModel, ReportsWhatOnnxRuntimeRefuses) {
  test::GraphBuilder graph("unknown operator");
  graph.node("Frobnicate", {graph.input("features", test::ElementType::float32, {"n", 2})}, {},
             "output");
  graph.output("output", test::ElementType::float32, {"n", 1});
  expect_refusal(test::write_model(std::move(graph)), "ONNX Runtime cannot load the model");
}

TEST(OnnxModel, ReportsAFailureWhileRunning) {
  test::GraphBuilder graph("bad reshape");
  const std::string features = graph.input("features", test::ElementType::float32, {"n", 2});
  graph.node("Reshape", {features, graph.indices({7, 1})}, {}, "output");
  graph.output("output", test::ElementType::float32, {"m", 1});
  const OnnxModel model(test::write_model(std::move(graph)));
  inference::ModelInputs inputs;
  inputs.n_nodes = 1;
  inputs.features = {1, 2};
  EXPECT_CONTAINS(test::data_error([&] { (void)model.run(inputs); }),
                  "the model failed on an event of 1 nodes");
}

}  // namespace
}  // namespace stationhit
