// Which settings a network reads follows from its description; the table has those that only some
// of them do.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/architecture/read_settings.hpp>
#include <stationhit/core/key_path.hpp>

namespace stationhit::architecture {
namespace {

using Option = std::pair<std::string_view, NetworkOption>;
constexpr std::array options{
    Option{"message_layers", NetworkOption::message_layers},
    Option{"aggregation", NetworkOption::aggregation}, Option{"heads", NetworkOption::heads},
    Option{"bands", NetworkOption::bands}, Option{"feed_forward", NetworkOption::feed_forward}};

// The features decide nothing here, so only those stand in it that a network cannot do without.
NetworkDescription describe_without_features(ModelConfig config) {
  config.edge_features = config.first_stage.edge_features = {};
  config.encoding.features = config.first_stage.encoding.features = {};
  return describe_network(config, {map_features.begin(), map_features.end()});
}

bool has_effect(const EncodingConfig& config, std::string_view setting) {
  const EncodingType type = config.type;
  if (setting == "base") return type != EncodingType::linear && type != EncodingType::none;
  if (setting == "scales") return type != EncodingType::none;
  return setting != "embedding_width" || config.discrete == DiscreteEncoding::embedding;
}

}  // namespace

bool has_effect(const ModelConfig& config, std::string_view setting) {
  if (const auto key = core::below_section("encoding", setting))
    return has_effect(config.encoding, *key);
  if (const auto key = core::below_section("first_stage.encoding", setting))
    return has_first_stage(config) && has_effect(config.first_stage.encoding, *key);
  if (core::below_section("first_stage", setting) || core::below_section("map", setting))
    return has_first_stage(config);
  if (setting == "neighbors") return !describe_without_features(config).graphs.empty();
  const auto option = std::ranges::find(options, setting, &Option::first);
  return option == options.end() || has_option(describe_without_features(config), option->second);
}

}  // namespace stationhit::architecture
