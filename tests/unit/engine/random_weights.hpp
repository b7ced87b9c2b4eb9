// Weights as an exported file has them, at random: what the engine promises does not depend on
// them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <span>
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

// The same linear layers in int8, rounded as it comes: inputs between -8 and 8, the largest weight
// of an output becomes 127.
class Int8Form {
 public:
  Int8Form(const architecture::NetworkDescription& network, engine::Weights weights)
      : weights_(std::move(weights)) {
    using architecture::StageKind;
    for (const architecture::Stage& stage : network.stages) {
      if (stage.kind == StageKind::edge_convolution) {
        const std::string& first = stage.linear_layers.front();
        replace(first + ".own", first + ".bias");
        replace(first + ".other", "");
        if (stage.linear_layers.size() > 1) replace(stage.linear_layers.back() + ".weight", "");
      } else if (stage.kind == StageKind::graph_attention) {
        for (const char* part : {".weight", ".target", ".source"}) replace(stage.name + part, "");
      } else if (stage.kind == StageKind::self_attention) {
        const std::string& in = stage.linear_layers.front();
        for (const std::string part : {".0", ".2"})  // the keys stay float32
          replace(in + ".weight" + part, in + ".bias" + part);
        replace(stage.linear_layers.back() + ".weight", stage.linear_layers.back() + ".bias");
      } else {
        for (const std::string& name : stage.linear_layers)
          replace(name + ".weight", name + ".bias");
      }
    }
  }

  [[nodiscard]] engine::Weights take() && { return std::move(weights_); }

 private:
  void replace(const std::string& weight, const std::string& bias) {
    engine::Weight& of_file = weights_.at(weight);
    kernels::Int8Layer layer;
    layer.outputs = static_cast<std::size_t>(of_file.shape.at(0));
    layer.inputs = static_cast<std::size_t>(of_file.shape.at(1));
    layer.scale = 16.0F / 255;
    layer.zero_point = 128;
    for (std::size_t out = 0; out < layer.outputs; ++out) {
      const std::span row(of_file.values.data() + out * layer.inputs, layer.inputs);
      float largest = 1e-6F;
      for (const float x : row) largest = std::max(largest, std::abs(x));
      layer.weight_scales.push_back(largest / 127);
      for (const float x : row)
        layer.weights.push_back(static_cast<std::int8_t>(std::lround(x / largest * 127)));
      if (bias.empty()) continue;
      layer.bias.push_back(static_cast<std::int32_t>(
          std::lround(weights_.at(bias).values[out] / (layer.scale * layer.weight_scales.back()))));
    }
    of_file.values.clear();
    of_file.in_int8 = std::move(layer);
  }

  engine::Weights weights_;
};

}  // namespace stationhit::test
