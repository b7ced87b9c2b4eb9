// What loads and refuses files for the engine; tests/unit/exporter compares logits of all networks.
// Holds in builds with and without ONNX Runtime.
#include <algorithm>
#include <limits>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/side_by_side.hpp>
#include <unit/engine/random_weights.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "known_network.hpp"

namespace stationhit {
namespace {

using inference::Backend;
using inference::BackendChoice;
using inference::EngineModel;
using inference::HitClassifier;

// Of the interface table, with random weights. The operators of the file are those of another
// network: they are for ONNX Runtime.
std::filesystem::path write_random_network(const std::string& name) {
  architecture::ModelConfig config;
  config.architecture = name;
  config.width = 16;
  config.blocks = 2;
  onnx_file::ModelMetadata metadata = test::known_metadata();
  metadata.network_json = architecture::to_json(config);
  const auto network = architecture::describe_network(config, metadata.feature_names);
  onnx_file::GraphBuilder graph = test::table_model();
  for (const auto& [tensor, weight] : test::RandomWeights(network).take())
    graph.constant(tensor, std::span<const float>(weight.values), weight.shape);
  return test::write_model(std::move(graph), metadata);
}

std::string refusal(const std::filesystem::path& path) {
  return test::data_error(
      [&] { const EngineModel model(onnx_file::read_model_bytes(path), path); });
}

class EngineModelOfSize : public testing::TestWithParam<std::size_t> {};

TEST_P(EngineModelOfSize, BothBackendsGiveWhatIsWorkedOutByHand) {
  const core::Event event = test::random_event(11, GetParam(), 2);
  const auto path = test::write_network();
  for (const BackendChoice backend : inference::built_backends()) {
    const std::vector<float> scores =
        HitClassifier(path, {.backend = backend, .session = {}}).scores(event);
    ASSERT_EQ(scores.size(), event.hits.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
      ASSERT_NEAR(scores[i], event.hits.local_x[i] + 2 * event.hits.local_y[i], 1e-3F) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Hits, EngineModelOfSize, testing::Values(0, 1, 2, 700), test::CaseName());

TEST(EngineModel, IsWhatRunsAFileAsItWasWritten) {
  const HitClassifier classifier(test::write_network());
  EXPECT_EQ(classifier.model().backend(), Backend::engine);
  EXPECT_EQ(classifier.engine_obstacle(), "");
  EXPECT_EQ(classifier.threshold("0.985"), 10.0F);
}

// Each thread gets all events, each at another moment.
TEST(EngineModel, ServesSixteenThreadsAtOnce) {
  constexpr std::size_t n_threads = 16;
  for (const char* network : {"edgeconv", "edgeconv_gat"}) {
    const HitClassifier classifier(write_random_network(network));
    ASSERT_EQ(classifier.model().backend(), Backend::engine);
    std::vector<core::Event> events;
    for (std::size_t e = 0; e < n_threads; ++e)
      events.push_back(test::random_event(e, 30 + 40 * e, 1));
    const auto alone = classifier.scores_batch(events);
    std::vector<std::size_t> wrong(n_threads);
    test::run_side_by_side(n_threads, [&](std::size_t thread) {
      for (std::size_t i = 0; i < events.size(); ++i) {
        const std::size_t e = (thread + i) % events.size();
        if (classifier.scores(events[e]) != alone[e]) ++wrong[thread];
      }
    });
    EXPECT_EQ(wrong, std::vector<std::size_t>(n_threads)) << network;
  }
}

TEST(EngineModel, RefusesAFileThatDoesNotDescribeItsNetwork) {
  const auto path = test::write_model(test::nodes_model());
  EXPECT_CONTAINS(refusal(path), path.string() +
                                     ": the engine cannot run this file, because its metadata do "
                                     "not describe the network; export the model again, or use ");
}

TEST(EngineModel, RefusesAFileWhoseQuantizationItDoesNotKnow) {
  onnx_file::ModelMetadata metadata = test::known_network_metadata();
  metadata.quantization_json = "{}";
  EXPECT_CONTAINS(refusal(test::write_model(test::network_model(), metadata)),
                  "because its metadata do not say how it was quantized");
  metadata.quantization_json = R"({"method": "dynamic"})";
  EXPECT_CONTAINS(refusal(test::write_model(test::network_model(), metadata)),
                  "because its scales are found anew in every call");
}

TEST(EngineModel, KnowsInt8LayersByTheirNamesAndNeedsOneOfEach) {
  onnx_file::ModelMetadata metadata = test::known_network_metadata();
  metadata.quantization_json = R"({"method": "static"})";
  onnx_file::ModelFile file = onnx_file::read_model(test::write_network());
  const auto obstacle_with = [&](std::vector<std::string> names) {
    onnx_file::ModelFile changed = file;
    for (std::string& name : names)
      changed.initializers.push_back({std::move(name), "int8", {1, 1}, 1, 1, {}});
    return inference::engine_obstacle(changed, metadata);
  };
  EXPECT_EQ(obstacle_with({"a/gemm_1/weights_int8", "b/gemm_2/weights_int8"}), "");
  EXPECT_EQ(obstacle_with({"gemm_1/weights_int8"}), "an older version quantized it");
  EXPECT_EQ(obstacle_with({"a/gemm_1/weights_int8", "a/gemm_2/weights_int8"}),
            "it has the layer a several times, each with scales of its own");
}

TEST(EngineModel, RefusesAnEditedFile) {
  std::string content = core::read_text_file(test::write_network());
  content.replace(content.find("-5.0"), 4, "-6.0");
  EXPECT_CONTAINS(test::data_error([&] { const EngineModel model(content, "model.onnx"); }),
                  "because it is not as it was written (checksum)");
}

TEST(EngineModel, NamesATensorThatIsMissing) {
  const auto path = test::write_model(test::nodes_model(), test::known_network_metadata());
  EXPECT_EQ(refusal(path),
            path.string() + ": the tensor input.weight is missing; export the model again");
}

TEST(EngineModel, RefusesWeightsThatAreNotFinite) {
  auto weights = test::known_weights();
  weights["head.0.weight"] = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_CONTAINS(
      refusal(test::write_model(test::network_model(weights), test::known_network_metadata())),
      "the constant \"head.0.weight\" is nan, expected finite numbers");
}

}  // namespace
}  // namespace stationhit
