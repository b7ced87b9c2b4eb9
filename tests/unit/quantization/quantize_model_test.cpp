#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/quantization/quantize_model.hpp>
#include <stationhit/quantization/quantizer.hpp>

#include "product_models.hpp"

namespace stationhit::quantization {
namespace {

// Hits are true where the drift radius is large. globZ reaches 21 m: in the steps of both together
// nothing is left of the drift radius.
std::vector<features::LabeledEvent> events(std::uint64_t seed) {
  std::vector<features::LabeledEvent> result;
  for (std::uint64_t i = 0; i < 4; ++i) {
    core::Event event = test::random_event(seed + i, 600, 1);
    for (std::size_t hit = 0; hit < event.hits.size(); ++hit)
      event.hits.truth_link[hit] = event.hits.drift_r[hit] > 10 ? std::int8_t{0} : std::int8_t{-1};
    result.push_back(features::label_event(event, {}, test::product_metadata().feature_names));
  }
  return result;
}

class QuantizeModel : public testing::Test {
 protected:
  void SetUp() override {
    core::write_text_file(model_, test::two_products({{1, 0, 0, 1e-4F}, {0, 0}, {1, 0.01F}}));
  }

  [[nodiscard]] QuantizedModel run(const QuantizationConfig& config, unsigned threads = 1) const {
    return quantize_model(model_, events(1), events(10), config, threads).value();
  }

  test::ScratchFolder folder_;
  std::filesystem::path model_ = folder_ / "model.onnx";
};

TEST_F(QuantizeModel, KeepsTheProductThatLosesTooMuchInFloat) {
  const QuantizedModel result = run({.tolerance = 0.1});
  EXPECT_EQ(result.backend, inference::Backend::onnxruntime);  // the file describes no network
  ASSERT_EQ(result.scan.layers.size(), 2U);
  EXPECT_EQ(result.scan.layers[0].name, "first");
  EXPECT_TRUE(result.scan.layers[0].in_float);
  EXPECT_GT(result.scan.layers[0].rms_alone, result.scan.layers[1].rms_alone);
  EXPECT_FALSE(result.scan.layers[1].in_float);
  EXPECT_LE(result.scan.total.purity, 0.1);
  EXPECT_GT(result.scan.total.rms, 0);
  EXPECT_NE(scan_table(result.scan).find("first"), std::string::npos);

  const inference::OnnxModel int8(result.content,
                                  "int8.onnx");  // its count of metadata keys fits, or this throws
  const auto json = nlohmann::json::parse(int8.metadata().quantization_json);
  EXPECT_EQ(json["method"], "static");
  EXPECT_EQ(json["reduce_range"], true);
  EXPECT_EQ(json["products"][0]["type"], "float32");
  EXPECT_EQ(json["products"][1]["type"], "int8");
  EXPECT_EQ(int8.metadata().feature_names, test::product_metadata().feature_names);
}

TEST_F(QuantizeModel, IsReproducible) {
  EXPECT_EQ(run({.tolerance = 0.1}).content, run({.tolerance = 0.1}, 3).content);
}

TEST_F(QuantizeModel, TakesWhatIsToleratedAndKeepsWhatIsAskedFor) {
  EXPECT_FALSE(run({.tolerance = 1}).scan.layers[0].in_float);
  const QuantizedModel kept = run({.tolerance = 1, .keep_float = {"second"}});
  EXPECT_FALSE(kept.scan.layers[0].in_float);
  EXPECT_TRUE(kept.scan.layers[1].in_float);
}

TEST_F(QuantizeModel, ProductsOfLittleWorkStayInFloat) {
  const inference::HitClassifier classifier(model_);
  std::vector<inference::ModelInputs> inputs;
  for (features::LabeledEvent& event : events(1))
    inputs.push_back(classifier.prepare(std::move(event.inputs)).inputs);
  const std::string content = core::read_text_file(model_);
  const Quantizer quantizer(content, "model.onnx", calibrate(content, "model.onnx", inputs, {}, 1),
                            {});
  const auto quantize = [&](const std::set<std::string>& names) {
    return load_content(quantizer.quantized(names), "int8.onnx", inference::Backend::onnxruntime);
  };
  const Validation validation(classifier, events(10), 1);
  const auto in_float = [&](double work_of_first) {
    const auto result =
        scan(validation, {{"first", work_of_first}, {"second", 100}}, {}, 1, quantize);
    return std::pair(result->layers[0].in_float, result->layers[1].in_float);
  };
  EXPECT_EQ(in_float(5), std::pair(true, false));
  EXPECT_EQ(in_float(6), std::pair(false, false));
}

TEST_F(QuantizeModel, StopsWhenAsked) {
  std::vector<std::string> measured;
  const auto proceed = [&](const std::string& what) {
    measured.push_back(what);
    return measured.size() < 2;
  };
  EXPECT_FALSE(quantize_model(model_, events(1), events(10), {}, 1, {proceed}));
  EXPECT_EQ(measured, (std::vector<std::string>{"first", "second"}));
}

TEST_F(QuantizeModel, MarksDynamicFiles) {
  const inference::OnnxModel int8(
      run({.method = QuantizationMethod::dynamic_scales, .tolerance = 1}).content, "int8.onnx");
  const auto json = nlohmann::json::parse(int8.metadata().quantization_json);
  EXPECT_EQ(json["method"], "dynamic");
  EXPECT_EQ(json["batch_invariant"], false);
}

TEST_F(QuantizeModel, NamesWhatIsWrong) {
  const auto message = [](const auto& call) { return test::expected_error<core::Error>(call); };
  EXPECT_EQ(message([&] { (void)run({.keep_float = {"seconds"}}); }),
            "quantization.keep_float: " + model_.string() +
                " has no linear layer 'seconds'; did you mean 'second'?; it has first, second");
  EXPECT_NE(message([&] {
              (void)run({.tolerance = 0, .keep_float = {"second"}});
            }).find("no linear layer stays within quantization.tolerance = 0"),
            std::string::npos);
  EXPECT_NE(message([&] {
              (void)quantize_model(model_, {}, events(10), {}, 1);
            }).find("0 calibration events"),
            std::string::npos);
  EXPECT_NE(message([&] { (void)quantize_model(model_, events(1), {}, {}, 1); }).find("validation"),
            std::string::npos);
  EXPECT_NE(message([&] {
              (void)run({.tolerance = 2});
            }).find("quantization.tolerance: expected a number in 0..1, found '2'"),
            std::string::npos);
  core::write_text_file(model_, run({.tolerance = 1}).content);
  EXPECT_NE(message([&] { (void)run({}); }).find("quantized already"), std::string::npos);
}

}  // namespace
}  // namespace stationhit::quantization
