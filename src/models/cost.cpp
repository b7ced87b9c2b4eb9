#include <stationhit/models/cost.hpp>

namespace stationhit::models {
namespace {

std::uint64_t unsigned_size(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void add_linear(NetworkCost& cost, std::uint64_t in, std::uint64_t out, std::uint64_t NetworkCost::*work) {
  cost.parameters += in * out + out;
  cost.*work += 2 * in * out;
}

void add_block(NetworkCost& cost, const ModelConfig& config) {
  const auto width = unsigned_size(config.width);
  if (config.layer_norm) cost.parameters += 2 * width;
  if (config.architecture == "mlp") return add_linear(cost, width, width, &NetworkCost::flops_per_node);
  add_linear(cost, 2 * width, width, &NetworkCost::flops_per_node);
  if (config.message_layers < 2) return;
  // Only the maximum does not commute with the second linear layer.
  add_linear(cost, width, width, config.aggregation == "max" ? &NetworkCost::flops_per_edge : &NetworkCost::flops_per_node);
}

}  // namespace

std::int64_t encoded_width(const EncodingConfig& encoding, std::int64_t n_features) {
  return encoding.type == "none" ? n_features : 2 * n_features * static_cast<std::int64_t>(encoding.scales.size());
}

NetworkCost cost(const ModelConfig& config, std::int64_t n_features) {
  NetworkCost total;
  add_linear(total, unsigned_size(encoded_width(config.encoding, n_features)), unsigned_size(config.width), &NetworkCost::flops_per_node);
  for (std::int32_t block = 0; block < config.blocks; ++block) add_block(total, config);
  auto in = unsigned_size(config.width);
  for (const auto hidden : config.head) {
    add_linear(total, in, unsigned_size(hidden), &NetworkCost::flops_per_node);
    in = unsigned_size(hidden);
  }
  add_linear(total, in, 1, &NetworkCost::flops_per_node);
  return total;
}

}  // namespace stationhit::models
