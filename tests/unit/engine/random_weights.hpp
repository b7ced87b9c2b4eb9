// Weights as an exported file has them, at random: what the engine promises does not depend on
// them.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <stationhit/engine/engine.hpp>

namespace stationhit::test {

class RandomWeights {
 public:
  explicit RandomWeights(const architecture::NetworkDescription& network) {
    for (const architecture::Stage& stage : network.stages) {
      for (const auto& tensor : stage.tensors) add(tensor.name, tensor.shape);
      add_exported_forms(stage);
    }
    // Half of the rows, about.
    if (weights_.contains("first_stage_threshold")) weights_["first_stage_threshold"].values = {0};
  }

  [[nodiscard]] engine::Weights take() && { return std::move(weights_); }

 private:
  using Shape = std::vector<std::int64_t>;

  void add(const std::string& name, const Shape& shape) {
    const auto n =
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    // Outputs as large as inputs, about.
    std::normal_distribution<float> normal(
        0, 1 / std::sqrt(static_cast<float>(shape.size() > 1 ? n / shape.front() : 1)));
    engine::Weight weight{shape, {}};
    for (std::int64_t i = 0; i < n; ++i) weight.values.push_back(normal(engine_));
    weights_[name] = std::move(weight);
  }

  // The forms into which the exporter brings weights (exporter/edge_convolution.cpp,
  // graph_attention.cpp, self_attention.cpp).
  void add_exported_forms(const architecture::Stage& stage) {
    using architecture::StageKind;
    if (stage.kind == StageKind::edge_convolution) {
      const std::string& first = stage.linear_layers.front();
      Shape half = weights_.at(first + ".weight").shape;
      half[1] /= 2;
      add(first + ".own", half);
      add(first + ".other", half);
    } else if (stage.kind == StageKind::graph_attention) {
      for (const char* scores : {".target", ".source"})
        add(stage.name + scores, {stage.heads, stage.width});
    } else if (stage.kind == StageKind::self_attention) {
      for (const std::string part : {".0", ".1", ".2"}) {
        add(stage.linear_layers.front() + ".weight" + part, {stage.width, stage.width});
        add(stage.linear_layers.front() + ".bias" + part, {stage.width});
      }
    }
  }

  std::mt19937_64 engine_{17};
  engine::Weights weights_;
};

}  // namespace stationhit::test
