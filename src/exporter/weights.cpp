#include "weights.hpp"

#include <torch/torch.h>

#include <stationhit/models/network.hpp>

namespace stationhit::exporter {
namespace {

Tensor plain(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const float* data = values.const_data_ptr<float>();
  return {values.sizes().vec(), {data, data + values.numel()}};
}

}  // namespace

Weights read_weights(const models::Network& network) {
  Weights weights{network.config(), network.feature_names(), {}};
  for (const auto& item : network.named_parameters())
    weights.tensors[item.key()] = plain(item.value());
  for (const auto& item : network.named_buffers())
    weights.tensors[item.key()] = plain(item.value());
  return weights;
}

}  // namespace stationhit::exporter
