#include <set>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/core/errors.hpp>

#include "registry.hpp"

namespace stationhit::architecture {
namespace {

void check_scales(const EncodingConfig& config) {
  if (config.type == EncodingType::none) return;
  if (config.scales.empty())
    throw core::ConfigError(
        "model.encoding.scales is empty; give at least one scale, or set model.encoding.type: "
        "none");
  const std::set<std::int32_t> distinct(config.scales.begin(), config.scales.end());
  if (distinct.size() != config.scales.size())
    throw core::ConfigError("model.encoding.scales has a scale twice; give each once");
}

}  // namespace

void check_monotone(const ModelConfig& config) {
  const bool needed = config.message_layers == 1 && config.aggregation == Aggregation::max;
  const Activation activation = config.activation;
  if (!needed || activation == Activation::relu || activation == Activation::leaky_relu) return;
  throw core::ConfigError("model.activation is " + std::string(core::name(activation)) +
                          ", but one message layer with aggregation max needs a monotone "
                          "activation: set model.activation: relu or leaky_relu, or "
                          "model.message_layers: 2");
}

void check_divides_width(const char* key, std::int32_t value, std::int32_t width) {
  if (width % value == 0) return;
  throw core::ConfigError("model." + std::string(key) + " is " + std::to_string(value) +
                          ", which does not divide model.width (" + std::to_string(width) +
                          "); change one of them");
}

void check(const ModelConfig& config) {
  core::check_settings(config, "model");
  check_scales(config.encoding);
  find_network(config.architecture).check(config);
}

}  // namespace stationhit::architecture
