// From an event to a score per hit: the step that a trigger calls.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/graph/nodes.hpp>
#include <stationhit/inference/onnx_model.hpp>

namespace stationhit::inference {

// The inputs of the model for one or several events; the nodes of all events are concatenated.
struct PreparedEvents {
  std::vector<graph::NodeTable> nodes;  // one per event
  ModelInputs inputs;
};

// Const calls may run on several threads at once.
class HitClassifier {
 public:
  // Throws like OnnxModel.
  explicit HitClassifier(const std::filesystem::path& path, const SessionOptions& options = {});
  explicit HitClassifier(OnnxModel model) : model_(std::move(model)) {}

  [[nodiscard]] const OnnxModel& model() const { return model_; }

  // Logit cut of a working point ("0.99"). Throws UsageError listing the ones that the model has.
  [[nodiscard]] float threshold(const std::string& working_point) const;

  // Raw logit of every hit, [n_hits]. A hit with NaN or Inf among its values, or for which the
  // model gives no finite number, gets graph::score_without_node (-100). Works for events of any
  // size, including events without hits.
  [[nodiscard]] std::vector<float> scores(const core::Event& event) const;

  // The scores of several events, computed in one call of the model.
  [[nodiscard]] std::vector<std::vector<float>> scores_batch(
      std::span<const core::Event> events) const;

  // The two steps of scores(): graph and features (no model), then the model.
  [[nodiscard]] PreparedEvents prepare(std::span<const core::Event> events) const;
  // The first step for an event whose features and graph exist already; they must be those of the
  // model (asserted).
  [[nodiscard]] PreparedEvents prepare(features::EventInputs event) const;
  [[nodiscard]] std::vector<float> node_logits(const PreparedEvents& prepared) const;  // [n_nodes]

 private:
  [[nodiscard]] features::EventInputs inputs_of(const core::Event& event) const;
  void append(PreparedEvents& prepared, features::EventInputs event) const;
  void finish(PreparedEvents& prepared) const;

  OnnxModel model_;
};

}  // namespace stationhit::inference
