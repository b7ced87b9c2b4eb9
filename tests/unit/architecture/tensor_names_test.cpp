#include <algorithm>

#include <gtest/gtest.h>
#include <support/known_networks.hpp>

#include <stationhit/architecture/known_networks.hpp>
#include <stationhit/architecture/tensor_names.hpp>

namespace stationhit::architecture {
namespace {

TEST(TensorNames, ThePrefixOfAnEncodingIsThatOfItsTensors) {
  for (const auto& name : known_networks()) {
    ModelConfig config;
    config.architecture = name;
    config.encoding.type = EncodingType::learned;
    const auto network =
        describe_network(config, test::with_map_features({"localX", "driftR", "technology"}));
    for (const Stage& stage : network.stages) {
      if (stage.kind != StageKind::encoding) continue;
      const std::string prefix = prefix_of(stage);
      EXPECT_EQ(prefix + "encoding", stage.name) << name;
      EXPECT_TRUE(std::ranges::any_of(stage.tensors,
                                      [&](const TensorDescription& tensor) {
                                        return tensor.name == prefix + "normalization.mean";
                                      }))
          << name << ", " << stage.name;
      for (const TensorDescription& tensor : stage.tensors)
        EXPECT_TRUE(tensor.name.starts_with(prefix)) << name << ", " << tensor.name;
    }
  }
}

}  // namespace
}  // namespace stationhit::architecture
