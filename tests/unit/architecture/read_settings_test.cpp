// Settings that the chosen network or encoding does not read.
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <support/known_networks.hpp>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/architecture/read_settings.hpp>

namespace stationhit::architecture {
namespace {

ModelConfig config_of(const std::string& name) {
  ModelConfig config;
  config.architecture = name;
  return config;
}

// The key paths without effect; those of the first stage and its map stand as "first_stage", "map".
std::set<std::string> unread_by(const std::string& name) {
  std::set<std::string> keys;
  for (const std::string& key : core::all_paths_of<ModelConfig>()) {
    if (has_effect(config_of(name), key)) continue;
    const bool is_of_section = key.starts_with("first_stage.") || key.starts_with("map.");
    keys.insert(is_of_section ? key.substr(0, key.find('.')) : key);
  }
  keys.erase("encoding.embedding_width");  // of all of them as they are
  return keys;
}

using Keys = std::set<std::string>;

TEST(ReadSettings, AreThoseOfTheNetwork) {
  EXPECT_EQ(unread_by("mlp"), (Keys{"message_layers", "aggregation", "neighbors", "heads", "bands",
                                    "feed_forward", "first_stage", "map"}));
  EXPECT_EQ(unread_by("edgeconv"), (Keys{"heads", "bands", "feed_forward", "first_stage", "map"}));
  EXPECT_EQ(unread_by("edgeconv_gat"), (Keys{"bands", "feed_forward", "first_stage", "map"}));
  EXPECT_EQ(unread_by("edgeconv_attention"), (Keys{"first_stage", "map"}));
  EXPECT_EQ(unread_by("two_stage"), (Keys{"heads", "bands", "feed_forward", "first_stage"}))
      << "of the first stage only the width of the vectors that it does not have";
}

TEST(ReadSettings, OthersLeaveTheNetworkAsItIs) {
  const auto features = test::with_map_features({"localX", "driftR"});
  const auto shapes = [&](const ModelConfig& config) {
    std::map<std::string, std::vector<std::int64_t>> found;
    for (const auto& [name, tensor] : tensors_by_name(describe_network(config, features)))
      found[name] = tensor.shape;
    return found;
  };
  for (const std::string& name : known_networks()) {
    ModelConfig config = config_of(name);
    const auto before = shapes(config);
    const auto expect_same = [&](const char* key, auto& value, auto changed) {
      const auto kept = std::exchange(value, changed);
      if (!has_effect(config, key)) {
        EXPECT_EQ(shapes(config), before) << name << " " << key;
      }
      value = kept;
    };
    expect_same("heads", config.heads, 8);
    expect_same("bands", config.bands, 8);
    expect_same("feed_forward", config.feed_forward, 96);
    expect_same("message_layers", config.message_layers, 2);
    expect_same("first_stage.width", config.first_stage.width, 24);
    expect_same("map.channels", config.map.channels, 5);
  }
}

TEST(ReadSettings, AreThoseOfTheEncoding) {
  ModelConfig config;
  EXPECT_TRUE(has_effect(config, "encoding.base"));
  config.encoding.type = EncodingType::linear;
  EXPECT_FALSE(has_effect(config, "encoding.base"));
  EXPECT_TRUE(has_effect(config, "encoding.scales"));
  config.encoding.type = EncodingType::none;
  EXPECT_FALSE(has_effect(config, "encoding.scales"));
  EXPECT_FALSE(has_effect(config, "encoding.embedding_width"));
  config.encoding.discrete = DiscreteEncoding::embedding;
  EXPECT_TRUE(has_effect(config, "encoding.embedding_width"));
  EXPECT_FALSE(has_effect(config, "first_stage.encoding.type"));
}

}  // namespace
}  // namespace stationhit::architecture
