#include <algorithm>
#include <set>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/model_config.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

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

template <class Names>
std::vector<std::string> find_missing(const Names& names,
                                      const std::vector<std::string>& feature_names) {
  std::vector<std::string> missing;
  std::ranges::copy_if(names, std::back_inserter(missing), [&](const auto& name) {
    return std::ranges::find(feature_names, name) == feature_names.end();
  });
  return missing;
}

const char* it_or_them(const std::vector<std::string>& names) {
  return names.size() > 1 ? "them" : "it";
}

[[noreturn]] void fail(const std::string& key, const std::string& name, const std::string& what) {
  throw core::ConfigError(key + ": " + name + " " + what);
}

// Names all that are missing. key: of the setting that has the names.
void require_features(const std::string& key, const std::vector<std::string>& names,
                      const std::vector<std::string>& feature_names) {
  const std::vector<std::string> missing = find_missing(names, feature_names);
  if (missing.empty()) return;
  throw core::ConfigError(key + ": " + core::join(missing) + (missing.size() > 1 ? " are" : " is") +
                          " not among the features " + core::join(feature_names) + "; add " +
                          it_or_them(missing) + " there");
}

// section: of the settings, for messages ("model").
void check_encoded_features(const EncodingConfig& config,
                            const std::vector<std::string>& feature_names,
                            const std::string& section) {
  const std::string key = section + ".encoding.features";
  require_features(key, config.features, feature_names);
  std::set<std::string> seen;
  for (const std::string& name : config.features)
    if (!seen.insert(name).second) fail(key, name, "is there twice; give it once");
}

void check_edge_features(const ModelConfig& config, const std::vector<std::string>& feature_names,
                         const std::string& section) {
  const std::string key = section + ".edge_features";
  require_features(key, config.edge_features, feature_names);
  const EncodedLayout layout = encoded_layout(config.encoding, feature_names);
  std::set<std::string> seen;
  for (const std::string& name : config.edge_features) {
    const auto column = std::ranges::find(feature_names, name) - feature_names.begin();
    if (std::ranges::count(layout.codes, column) > 0)
      fail(key, name, "enters as a code, of which there are no differences; take it out");
    if (std::ranges::count(layout.numbers, column) == 0)
      fail(key, name, "is not among " + section + ".encoding.features; add it there");
    if (!seen.insert(name).second) fail(key, name, "is there twice; give it once");
  }
}

void check_named_features(const ModelConfig& config, const std::vector<std::string>& feature_names,
                          const std::string& section) {
  check_encoded_features(config.encoding, feature_names, section);
  check_edge_features(config, feature_names, section);
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

void check_features(const ModelConfig& config, const std::vector<std::string>& feature_names) {
  check_named_features(config, feature_names, "model");
  if (!has_first_stage(config)) return;
  check_named_features(first_stage_model(config), feature_names, "model.first_stage");
  const std::vector<std::string> missing = find_missing(map_features, feature_names);
  if (missing.empty()) return;
  throw core::ConfigError("features: two_stage needs " + core::join(missing) +
                          " for its maps of the station layers; add " + it_or_them(missing) +
                          " (model.encoding.features can leave features out of the encoding)");
}

void check(const ModelConfig& config) {
  core::check_settings(config, "model");
  check_scales(config.encoding);
  find_network(config.architecture).check(config);
}

}  // namespace stationhit::architecture
