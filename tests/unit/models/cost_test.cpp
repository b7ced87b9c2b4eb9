#include <gtest/gtest.h>

#include <stationhit/models/cost.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit::models {
namespace {

using architecture::Aggregation;
using architecture::DiscreteEncoding;
using architecture::EncodingType;
using architecture::ModelConfig;

std::vector<std::string> eight_features() { return {"a", "b", "c", "d", "e", "f", "g", "h"}; }

TEST(Cost, ReferenceNetworkOfTheBenchmarks) {
  // 208 -> 64, three EdgeConv layers of two products 64 -> 64, 64 -> 1, on 6,900 hits.
  EXPECT_EQ(cost(ModelConfig{}, eight_features()).flops(6900, 110400, 0),
            6900ULL * (2 * 208 * 64 + 3 * 2 * 2 * 64 * 64 + 2 * 64));
}

TEST(Cost, ParametersAreThoseOfTheNetwork) {
  const std::vector<std::string> features{"localY", "technology", "driftR", "stationEta"};
  for (const auto& architecture : known_architectures()) {
    for (const int layers : {1, 2}) {
      ModelConfig config;
      config.architecture = architecture;
      config.message_layers = layers;
      config.layer_norm = layers == 2;
      config.head = {32, 16};
      std::int64_t expected = 0;
      for (const auto& parameter : build_network(config, features, std::nullopt)->parameters())
        expected += parameter.numel();
      EXPECT_EQ(cost(config, features).parameters, static_cast<std::uint64_t>(expected))
          << architecture << layers;
    }
  }
}

TEST(Cost, ParametersOfEveryEncodingAreThoseOfTheNetwork) {
  const std::vector<std::string> features{"localY", "technology", "driftR", "stationEta"};
  for (const auto& type : core::all_names<EncodingType>()) {
    for (const auto& discrete : core::all_names<DiscreteEncoding>()) {
      ModelConfig config;
      config.encoding.type = core::value_of<EncodingType>(type).value();
      config.encoding.discrete = core::value_of<DiscreteEncoding>(discrete).value();
      std::int64_t expected = 0;
      for (const auto& parameter : build_network(config, features, std::nullopt)->parameters())
        expected += parameter.numel();
      EXPECT_EQ(cost(config, features).parameters, static_cast<std::uint64_t>(expected))
          << type << " " << discrete;
    }
  }
}

TEST(Cost, SelfAttentionIsPerPair) {
  ModelConfig config;
  config.architecture = "edgeconv_attention";
  // 2 blocks of query key and weights times values, 64 wide each.
  config.blocks = 2;
  EXPECT_EQ(cost(config, eight_features()).flops_per_pair, 2U * (2 * 64 + 2 * 64));
}

TEST(Cost, SecondMessageLayerIsPerEdgeForTheMaximumOnly) {
  ModelConfig config;
  config.message_layers = 2;
  EXPECT_EQ(cost(config, eight_features()).flops_per_edge, 3U * 2 * 64 * 64);
  config.aggregation = Aggregation::mean;
  EXPECT_EQ(cost(config, eight_features()).flops_per_edge, 0U);
}

}  // namespace
}  // namespace stationhit::models
