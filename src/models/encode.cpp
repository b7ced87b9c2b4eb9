#include "encode.hpp"

#include <cassert>
#include <cmath>
#include <span>
#include <utility>

#include <torch/torch.h>

#include <stationhit/kernels/encoding.hpp>
#include <stationhit/models/aten_forms.hpp>

namespace stationhit::models {
namespace {

using torch::Tensor;

std::span<const float> values_of(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

// Buffers stay single precision constants, whatever the precision of the weights, until Module::to
// changes them.
Tensor buffer(const std::vector<float>& values) { return torch::tensor(values, torch::kFloat); }

std::vector<float> frequencies(const EncodingConfig& encoding) {
  std::vector<float> values;
  for (const auto scale : encoding.scales)
    values.push_back(static_cast<float>(std::pow(encoding.base, -scale)));
  return values;
}

bool trains_frequencies(const EncodingConfig& encoding) {
  return encoding.type == EncodingType::learned || encoding.type == EncodingType::hybrid;
}

std::vector<float> select(const std::vector<float>& values,
                          const std::vector<std::int64_t>& columns) {
  std::vector<float> result;
  for (const auto column : columns) result.push_back(values.at(static_cast<std::size_t>(column)));
  return result;
}

Tensor normalize(const InputConstants& constants, const Tensor& features) {
  const Tensor scaled =
      constants.mean.defined() ? (features - constants.mean) * constants.inv_std : features;
  return constants.limit > 0 ? scaled.clamp(-constants.limit, constants.limit) : scaled;
}

// Row of the table of a code's vectors; the last row for what is no code.
Tensor code_rows(const Tensor& values, const features::CodeRange& codes) {
  const Tensor place = values - codes.first;
  const Tensor known = (place >= 0) & (place < codes.count) & (place == place.floor());
  return torch::where(known, place, static_cast<double>(codes.count)).to(torch::kLong);
}

}  // namespace

// [N, F] -> [N, |S|, 2, F] -> [N, 2 F |S|]
Tensor aten::encode(const InputConstants& constants, const Tensor& features) {
  Tensor normalized = normalize(constants, features);
  if (!constants.frequencies.defined()) return normalized;
  const Tensor factors =
      constants.frequencies.dim() == 1 ? constants.frequencies.unsqueeze(1) : constants.frequencies;
  const Tensor angles = normalized.unsqueeze(1) * factors;
  return torch::stack({angles.sin(), angles.cos()}, 2).flatten(1);
}

Tensor encode(const InputConstants& constants, const Tensor& features) {
  const bool own_kernel = constants.frequencies.defined() && constants.frequencies.dim() == 1 &&
                          runs_in_kernels(features) && features.scalar_type() == torch::kFloat &&
                          !features.requires_grad();
  if (!own_kernel) return aten::encode(constants, features);
  const Tensor dense = features.contiguous();
  const auto nodes = static_cast<std::size_t>(dense.size(0)),
             n_features = static_cast<std::size_t>(dense.size(1));
  Tensor result = torch::empty({dense.size(0), 2 * dense.size(1) * constants.frequencies.size(0)},
                               dense.options());
  kernels::encode({dense.const_data_ptr<float>(), nodes, n_features},
                  {values_of(constants.mean), values_of(constants.inv_std),
                   values_of(constants.frequencies), static_cast<float>(constants.limit)},
                  {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())});
  return result;
}

InputStage::InputStage(torch::nn::Module& network, const EncodingConfig& config,
                       const std::vector<std::string>& feature_names,
                       const std::optional<features::NormalizationConstants>& normalization)
    : config_(config), layout_(architecture::encoded_layout(config, feature_names)) {
  constants_.limit = config.limit;
  for (const auto column : layout_.codes)
    discrete_.push_back(
        {column, features::codes_of(feature_names[static_cast<std::size_t>(column)]), {}});
  if (normalization) {
    assert(normalization->mean.size() == feature_names.size() &&
           normalization->inv_std.size() == feature_names.size());
    add_normalization(network, *normalization);
  }
  add_encoding(network, feature_names);
}

void InputStage::add_normalization(torch::nn::Module& network,
                                   const features::NormalizationConstants& normalization) {
  const auto holder = network.register_module("normalization",
                                              std::make_shared<torch::nn::Module>("normalization"));
  constants_.mean =
      holder->register_buffer("mean", buffer(select(normalization.mean, layout_.numbers)));
  constants_.inv_std =
      holder->register_buffer("inv_std", buffer(select(normalization.inv_std, layout_.numbers)));
}

void InputStage::add_encoding(torch::nn::Module& network,
                              const std::vector<std::string>& feature_names) {
  const auto n_features = static_cast<std::int64_t>(layout_.numbers.size());
  const auto holder = std::make_shared<torch::nn::Module>("encoding");
  if (config_.type == EncodingType::fourier)
    constants_.frequencies = holder->register_buffer("frequencies", buffer(frequencies(config_)));
  if (trains_frequencies(config_)) {
    const Tensor start = buffer(frequencies(config_)).unsqueeze(1).repeat({1, n_features});
    constants_.frequencies = holder->register_parameter("frequencies", start);
  }
  if (config_.type == EncodingType::linear) {
    const torch::nn::Linear linear(n_features, layout_.continuous);
    weight_ = holder->register_parameter("weight", linear->weight.detach());
    bias_ = holder->register_parameter("bias", linear->bias.detach());
  }
  if (config_.discrete == DiscreteEncoding::embedding) {
    for (auto& column : discrete_) {
      const Tensor start = torch::randn({column.codes.count + 1, config_.embedding_width});
      column.vectors =
          holder->register_parameter(feature_names[static_cast<std::size_t>(column.column)], start);
    }
  }
  if (!holder->buffers().empty() || !holder->parameters().empty())
    network.register_module("encoding", holder);
}

Tensor InputStage::encode_continuous(const Tensor& features) const {
  Tensor encoded = encode(constants_, features);
  if (config_.type == EncodingType::linear) return torch::linear(encoded, weight_, bias_);
  if (config_.type == EncodingType::hybrid)
    return torch::cat({normalize(constants_, features), encoded}, 1);
  return encoded;
}

Tensor InputStage::raw_numbers(const Tensor& features) const {
  if (std::ssize(layout_.numbers) == features.size(1)) return features;
  return features.index_select(1,
                               torch::tensor(layout_.numbers, torch::kLong).to(features.device()));
}

Tensor InputStage::numbers(const Tensor& features) const {
  return normalize(constants_, raw_numbers(features));
}

Tensor InputStage::operator()(const Tensor& features) const {
  Tensor continuous = encode_continuous(raw_numbers(features));
  if (discrete_.empty()) return continuous;
  std::vector<Tensor> parts{std::move(continuous)};
  for (const auto& column : discrete_) {
    const Tensor rows = code_rows(features.select(1, column.column), column.codes);
    parts.push_back(column.vectors.defined()
                        ? column.vectors.index_select(0, rows)
                        : torch::one_hot(rows, column.codes.count + 1).to(features.scalar_type()));
  }
  return torch::cat(parts, 1);
}

}  // namespace stationhit::models
