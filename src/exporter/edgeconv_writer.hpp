// The EdgeConv layer in a file, as in models/network.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stages.hpp"

namespace stationhit::exporter {

class EdgeConvWriter {
 public:
  explicit EdgeConvWriter(Stages& stages)
      : stages_(stages), graph_(stages.graph()), inputs_(stages.inputs()) {}

  // [N, in] -> [N, out] by the tensors <name>.message...; their shapes give in and out.
  std::string transform(const std::string& values, const std::string& name);

 private:
  // One call of transform.
  struct Layer {
    std::string name;
    std::int64_t in, out;
    std::string own, other;  // p, q: [N, out]
  };
  [[nodiscard]] const architecture::ModelConfig& config() const { return stages_.config(); }
  [[nodiscard]] std::vector<float> half(const Layer& layer, std::int64_t first) const;
  std::string own_part(const std::string& values, const Layer& layer);
  std::string other_part(const std::string& values, const Layer& layer);

  std::string max_of_columns(const std::string& padded);
  std::string sum_of_columns(const Layer& layer);
  std::string max_of_one(const Layer& layer);
  std::string max_of_two(const Layer& layer);
  std::string sum_or_mean(const Layer& layer);
  std::string table_messages(const Layer& layer);
  using Reduce = std::function<std::string(const GraphInputs::SizeClass& of_size,
                                           const std::string& messages)>;
  std::string reduced_group_messages(const Layer& layer, const Reduce& reduce);
  std::string sum_of_messages(const Layer& layer);
  std::string second_layer(const std::string& aggregated, const Layer& layer);
  std::string second_weight_transposed(const Layer& layer);

  Stages& stages_;
  onnx_file::GraphBuilder& graph_;
  GraphInputs& inputs_;
};

}  // namespace stationhit::exporter
