#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/inference/onnx_model.hpp>

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

TEST(OnnxModel, ADamagedFileIsRefusedOrGivesTheSame) {
  const std::string content = core::read_text_file(test::write_model(test::table_model()));
  inference::ModelInputs inputs;
  inputs.n_nodes = 3;
  inputs.features = {1, 2, 3, 4, 5, 6};
  inputs.k = 4;
  inputs.neighbors = {1, 2, -1, -1, 0, -1, -1, -1, 1, 0, -1, -1};
  const auto expected = OnnxModel(content, "model.onnx").run(inputs);
  test::RandomValues random(1);
  for (int flip = 0; flip < 300; ++flip) {
    std::string damaged = content;
    const auto at =
        static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(content.size()) - 1));
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.integer(0, 7)));
    try {
      EXPECT_EQ(OnnxModel(damaged, "model.onnx").run(inputs), expected) << "byte " << at;
    } catch (const core::DataError&) {
    }
  }
}

TEST(OnnxModel, AnEditedModelMustBeAccepted) {
  std::string content = core::read_text_file(test::write_model(test::table_model()));
  content.replace(content.find("-5.0"), 4, "-6.0");
  EXPECT_CONTAINS(test::data_error([&] { const OnnxModel model(content, "model.onnx"); }),
                  "model.onnx: the model was changed after it was written");
  const OnnxModel model(content, "model.onnx", {.changed_model = onnx_file::ChangedModel::accept});
  EXPECT_EQ(model.metadata().thresholds.at("0.99"), -6.0F);
  EXPECT_EQ(inference::load_warnings(model),
            std::vector<std::string>{
                "model.onnx: the model was changed after it was written; accepted as it is"});
}

TEST(OnnxModel, ThreadsInsideAnOperatorAreBounded) {
  const auto path = test::write_model(test::nodes_model());
  for (const unsigned threads : {0U, 1025U, 4294967295U}) {
    EXPECT_THROW(OnnxModel(path, {.intra_op_threads = threads}), core::UsageError);
  }
}

TEST(LoadWarnings, NothingToSayAboutAFreshModel) {
  EXPECT_TRUE(inference::load_warnings(OnnxModel(test::write_model(test::nodes_model()))).empty());
}

TEST(LoadWarnings, AModelOfAnOlderVersionHasNoChecksum) {
  const auto path = test::write_model_without_checksum(test::nodes_model());
  EXPECT_EQ(inference::load_warnings(OnnxModel(path)),
            std::vector<std::string>{path.string() +
                                     ": has no checksum (stationhit 0.1.0 wrote none), so damage "
                                     "goes unnoticed; export it again"});
}

TEST(OnnxModel, RefusesConstantsThatAreNotFinite) {
  const auto with_constant = [](float value, const std::string& version) {
    test::GraphBuilder graph("threshold");
    const std::string threshold =
        graph.constant("first_stage_threshold", std::span<const float>(&value, 1), {1});
    graph.node("Sub", {test::split_features(graph).x, threshold}, {}, "output");
    test::finish(graph);
    onnx_file::ModelMetadata metadata = test::known_metadata();
    metadata.version = version;
    return test::write_model(std::move(graph), metadata);
  };
  const float infinity = std::numeric_limits<float>::infinity();
  expect_refusal(with_constant(std::numeric_limits<float>::quiet_NaN(), "0.1.0"),
                 "the constant \"first_stage_threshold\" is nan, expected finite numbers; the file "
                 "is damaged, export the model again");
  expect_refusal(with_constant(-infinity, "0.1.0"), "\"first_stage_threshold\" is -inf");
  EXPECT_NO_THROW((void)OnnxModel(with_constant(std::numeric_limits<float>::lowest(), "0.1.0")));
  // Other programs mask with infinity.
  EXPECT_NO_THROW((void)OnnxModel(with_constant(-infinity, "")));
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
