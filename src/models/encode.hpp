// The input stage before the first linear layer: normalization and encoding (models/network.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/model_config.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/features/normalization.hpp>

namespace stationhit::models {

using architecture::DiscreteEncoding;
using architecture::EncodingConfig;
using architecture::EncodingType;

struct InputConstants {
  torch::Tensor mean, inv_std;  // [F], both undefined without normalization
  torch::Tensor
      frequencies;   // [|S|], or [|S|, F] where every feature has its own; undefined without sines
  double limit = 0;  // > 0: normalized features beyond +- limit become it
};

// Normalized features and their sines and cosines. features: [N, F] -> [N, 2 F |S|] or [N, F]. On
// the CPU, in float, with common frequencies and where no gradient of the features is wanted, in
// one pass by src/kernels; else through Torch's operations, differentiated by Torch.
[[nodiscard]] torch::Tensor encode(const InputConstants& constants, const torch::Tensor& features);

namespace aten {
// The same, always through Torch's operations.
[[nodiscard]] torch::Tensor encode(const InputConstants& constants, const torch::Tensor& features);
}  // namespace aten

// The input stage of a network. Its buffers and parameters belong to modules "normalization" and
// "encoding" of the network.
class InputStage {
 public:
  InputStage(torch::nn::Module& network, const EncodingConfig& config,
             const std::vector<std::string>& feature_names,
             const std::optional<features::NormalizationConstants>& normalization);

  // features: [N, F] -> [N, E]
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& features) const;
  // Those that are taken as numbers, normalized: [N, F] -> [N, C]
  [[nodiscard]] torch::Tensor numbers(const torch::Tensor& features) const;

 private:
  struct DiscreteColumn {
    std::int64_t column;
    features::CodeRange codes;
    torch::Tensor vectors;  // [codes + 1, width], the last for unknown codes; undefined = one-hot
  };
  void add_normalization(torch::nn::Module& network,
                         const features::NormalizationConstants& normalization);
  void add_encoding(torch::nn::Module& network, const std::vector<std::string>& feature_names);
  [[nodiscard]] torch::Tensor raw_numbers(const torch::Tensor& features) const;
  [[nodiscard]] torch::Tensor encode_continuous(const torch::Tensor& features) const;

  EncodingConfig config_;
  architecture::EncodedLayout layout_;
  std::vector<DiscreteColumn> discrete_;
  InputConstants constants_;
  torch::Tensor weight_, bias_;  // of the linear encoding
};

}  // namespace stationhit::models
