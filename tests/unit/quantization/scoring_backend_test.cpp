#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/recording_observer.hpp>
#include <unit/inference/known_network.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/quantization/scoring_backend.hpp>

namespace stationhit::quantization {
namespace {

using inference::Backend;

// x + 2 y by the operators of the file; by the engine what the weights say.
std::string content_of(const std::map<std::string, std::vector<float>>& weights,
                       const std::string& method = "") {
  onnx_file::ModelMetadata metadata = test::known_network_metadata();
  if (!method.empty()) metadata.quantization_json = R"({"method": ")" + method + "\"}";
  return core::read_text_file(test::write_model(test::network_model(weights), metadata));
}

class ChooseBackend : public testing::Test {
 protected:
  [[nodiscard]] Backend choose(const std::string& float32, const std::string& int8) const {
    const std::vector<features::LabeledEvent> events{features::label_event(
        test::random_event(3, 200, 1), {}, test::known_network_metadata().feature_names)};
    return choose_backend(float32, int8, "model.onnx", events, observer_.log());
  }

  test::RecordingObserver observer_;
  std::map<std::string, std::vector<float>> weights_ = test::known_weights();
};

TEST_F(ChooseBackend, TheEngineWhereItGivesWhatOnnxRuntimeGives) {
  EXPECT_EQ(choose(content_of(weights_), content_of(weights_, "static")), Backend::engine);
  EXPECT_TRUE(observer_.warnings.empty());
  ASSERT_EQ(observer_.messages.size(), 1U);
  EXPECT_CONTAINS(observer_.messages.front(),
                  "the engine scores the events; it agrees with ONNX Runtime: float32 to ");
  EXPECT_CONTAINS(observer_.messages.front(), " on 1 events");
}

TEST_F(ChooseBackend, OnnxRuntimeWhereTheEngineCannotRunAFile) {
  EXPECT_EQ(choose(content_of(weights_), content_of(weights_, "dynamic")), Backend::onnxruntime);
  EXPECT_TRUE(observer_.warnings.empty());
  ASSERT_EQ(observer_.messages.size(), 1U);
  EXPECT_CONTAINS(observer_.messages.front(),
                  "ONNX Runtime scores the events, because the engine cannot run the int8 file: "
                  "its scales are found anew");
}

TEST_F(ChooseBackend, OnnxRuntimeWhereLogitsDiffer) {
  auto others = weights_;
  others["head.0.weight"] = {1.01F, -1};
  for (const auto& [float32, int8] : {std::pair(others, weights_), std::pair(weights_, others)}) {
    observer_.warnings.clear();
    EXPECT_EQ(choose(content_of(float32), content_of(int8, "static")), Backend::onnxruntime);
    ASSERT_EQ(observer_.warnings.size(), 1U);
    EXPECT_CONTAINS(observer_.warnings.front(),
                    "the engine and ONNX Runtime give different logits: float32 to ");
    EXPECT_CONTAINS(observer_.warnings.front(), "ONNX Runtime scores the events");
  }
}

}  // namespace
}  // namespace stationhit::quantization
