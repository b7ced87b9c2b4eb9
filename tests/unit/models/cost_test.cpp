#include <gtest/gtest.h>

#include <stationhit/models/cost.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit::models {
namespace {

TEST(Cost, ReferenceNetworkOfTheBenchmarks) {
  // 208 -> 64, three EdgeConv layers of two products 64 -> 64, 64 -> 1, on 6,900 hits.
  EXPECT_EQ(cost(ModelConfig{}, 8).flops(6900, 110400), 6900ULL * (2 * 208 * 64 + 3 * 2 * 2 * 64 * 64 + 2 * 64));
}

TEST(Cost, ParametersAreThoseOfTheNetwork) {
  for (const auto* architecture : {"mlp", "edgeconv"}) {
    for (const int layers : {1, 2}) {
      ModelConfig config;
      config.architecture = architecture;
      config.message_layers = layers;
      config.layer_norm = layers == 2;
      config.head = {32, 16};
      std::int64_t expected = 0;
      for (const auto& parameter : build_network(config, {"a", "b", "c"}, std::nullopt)->parameters()) expected += parameter.numel();
      EXPECT_EQ(cost(config, 3).parameters, static_cast<std::uint64_t>(expected)) << architecture << layers;
    }
  }
}

TEST(Cost, SecondMessageLayerIsPerEdgeForTheMaximumOnly) {
  ModelConfig config;
  config.message_layers = 2;
  EXPECT_EQ(cost(config, 8).flops_per_edge, 3U * 2 * 64 * 64);
  config.aggregation = "mean";
  EXPECT_EQ(cost(config, 8).flops_per_edge, 0U);
}

}  // namespace
}  // namespace stationhit::models
