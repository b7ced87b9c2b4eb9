#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/quantization/scoring_backend.hpp>

namespace stationhit::quantization {
namespace {

using inference::Backend;
using inference::HitClassifier;
using metrics::LogitDifference;

// Of the difference that int8 makes (rms).
constexpr double largest_share = 0.1;

std::string engine_obstacle(const std::string& content, const std::string& where) {
  const onnx_file::ModelFile file = onnx_file::parse_model(content, where);
  return inference::engine_obstacle(file, onnx_file::from_properties(file.metadata, where));
}

// Both backends on both files.
class Comparison {
 public:
  Comparison(const std::string& float32, const std::string& int8, const std::filesystem::path& path)
      : classifiers_{HitClassifier(load_content(float32, path, Backend::engine)),
                     HitClassifier(load_content(float32, path, Backend::onnxruntime)),
                     HitClassifier(load_content(int8, path, Backend::engine)),
                     HitClassifier(load_content(int8, path, Backend::onnxruntime))} {}

  void add(const features::LabeledEvent& event) {
    std::array<std::vector<float>, 4> logits;
    for (std::size_t i = 0; i < logits.size(); ++i)
      logits[i] = classifiers_[i].node_logits(classifiers_[i].prepare(event.inputs));
    float32_.add(logits[0], logits[1]);
    int8_.add(logits[2], logits[3]);
    made_by_int8_.add(logits[3], logits[1]);
  }

  [[nodiscard]] bool agrees() const {
    const auto is_equal = [](const LogitDifference& difference) {
      return difference.largest_relative <= metrics::backend_tolerance;
    };
    return is_equal(float32_) &&
           (is_equal(int8_) || int8_.rms() <= largest_share * made_by_int8_.rms());
  }

  [[nodiscard]] std::string text() const {
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(),
                  "float32 to %.2g max(1, |logit|), int8 to rms %.2g (int8 itself changes %.2g)",
                  float32_.largest_relative, int8_.rms(), made_by_int8_.rms());
    return text.data();
  }

 private:
  std::array<HitClassifier, 4> classifiers_;  // float32, int8: engine, ONNX Runtime
  LogitDifference float32_, int8_, made_by_int8_;
};

}  // namespace

std::unique_ptr<const inference::Model> load_content(const std::string& content,
                                                     const std::filesystem::path& path,
                                                     Backend backend) {
  if (backend == Backend::engine) return std::make_unique<inference::EngineModel>(content, path);
  return std::make_unique<inference::OnnxModel>(content, path);
}

Backend choose_backend(const std::string& float32, const std::string& int8,
                       const std::filesystem::path& path,
                       std::span<const features::LabeledEvent> events, const core::Logger& log) {
  for (const auto& [kind, content] : {std::pair("float32", &float32), std::pair("int8", &int8)}) {
    const std::string obstacle = engine_obstacle(*content, path.string());
    if (obstacle.empty()) continue;
    log.info("ONNX Runtime scores the events, because the engine cannot run the " +
             std::string(kind) + " file: " + obstacle);
    return Backend::onnxruntime;
  }
  Comparison comparison(float32, int8, path);
  for (const features::LabeledEvent& event : events) comparison.add(event);
  const std::string text = comparison.text() + " on " + std::to_string(events.size()) + " events";
  if (!comparison.agrees()) {
    log.warning("the engine and ONNX Runtime give different logits: " + text +
                "; ONNX Runtime scores the events, please report this");
    return Backend::onnxruntime;
  }
  log.info("the engine scores the events; it agrees with ONNX Runtime: " + text);
  return Backend::engine;
}

}  // namespace stationhit::quantization
