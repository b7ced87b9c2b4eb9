// The structure of descriptions: of the networks that exist and of ones that are to come. That
// their tensors are those of the Torch networks is tested in tests/unit/models.
#include <functional>

#include <gtest/gtest.h>
#include <support/known_networks.hpp>

#include <stationhit/architecture/network_description.hpp>

#include "future_networks.hpp"

namespace stationhit::architecture {
namespace {

std::string error_of(const NetworkDescription& network) {
  try {
    check_structure(network);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

ModelConfig config_of(const std::string& name) {
  ModelConfig config;
  config.architecture = name;
  return config;
}

const Stage& find_stage(const NetworkDescription& network, const std::string& name) {
  for (const Stage& stage : network.stages) {
    if (stage.name == name) return stage;
  }
  throw std::out_of_range("no stage " + name);
}

TEST(NetworkDescription, EveryStageOfTheKnownNetworksFollowsItsInputs) {
  for (const auto& name : known_networks()) {
    const auto network =
        describe_network(config_of(name), test::with_map_features({"localX", "driftR"}));
    EXPECT_EQ(network.name, name);
    EXPECT_EQ(error_of(network), "") << name;
    EXPECT_EQ(network.stages.front().kind, StageKind::encoding);
    EXPECT_EQ(network.stages.back().width, 1);
    EXPECT_EQ(network.stages.back().rows, "nodes");
  }
}

TEST(NetworkDescription, NetworksReachWhatTheyLookAt) {
  const auto reaching = [](const char* name, Reach reach) {
    return reaches(describe_network(config_of(name), {"localX"}), reach);
  };
  EXPECT_FALSE(reaching("mlp", Reach::neighbors));
  EXPECT_FALSE(reaching("mlp", Reach::groups));
  EXPECT_TRUE(reaching("edgeconv", Reach::neighbors));
  EXPECT_FALSE(reaching("edgeconv_gat", Reach::groups));
  EXPECT_TRUE(reaching("edgeconv_attention", Reach::groups));
}

TEST(NetworkDescription, StagesStateActivationAggregationHeadsNormAndResidualSum) {
  ModelConfig config = config_of("edgeconv_gat");
  config.activation = Activation::leaky_relu;
  config.aggregation = Aggregation::mean;
  config.layer_norm = true;
  config.blocks = 1;
  const auto network = describe_network(config, {"localX"});
  const Stage& edgeconv = find_stage(network, "blocks.0.edgeconv");
  EXPECT_EQ(edgeconv.aggregation, Aggregation::mean);
  EXPECT_EQ(edgeconv.activation, Activation::leaky_relu);
  EXPECT_TRUE(edgeconv.has_norm && edgeconv.is_residual);
  EXPECT_EQ(find_stage(network, "blocks.0.attention").heads, 4);
  EXPECT_FALSE(find_stage(network, "input").is_residual);
  EXPECT_EQ(find_stage(network, "head").activation, std::nullopt);
}

TEST(NetworkDescription, BandsStandSideBySideAndAreJoined) {
  const auto network = describe_network(config_of("edgeconv_attention"), {"localX"});
  const std::vector<std::string> bands{"bands.0", "bands.1", "bands.2", "bands.3"};
  for (const auto& band : bands)
    EXPECT_EQ(find_stage(network, band).inputs, std::vector<std::string>{"encoding"});
  EXPECT_EQ(find_stage(network, "bands").inputs, bands);
  const Stage& second = find_stage(network, "bands.1");
  ASSERT_EQ(second.columns.size(), 1U);
  // After the four scales of the first band come three, each with a sine and a cosine.
  EXPECT_EQ(second.columns.front().first, 4 * 2);
  EXPECT_EQ(second.columns.front().end, (4 + 3) * 2);
  EXPECT_EQ(find_stage(network, "blocks.0.attention").inputs, std::vector<std::string>{"bands"});
}

TEST(NetworkDescription, BandsReadTheCodesToo) {
  ModelConfig config = config_of("edgeconv_attention");
  config.encoding.discrete = DiscreteEncoding::one_hot;
  const auto network = describe_network(config, {"localX", "technology"});
  const Stage& band = find_stage(network, "bands.0");
  ASSERT_EQ(band.columns.size(), 2U);
  EXPECT_EQ(band.columns.back().first, 2 * 13);
  EXPECT_EQ(band.columns.back().end, find_stage(network, "encoding").width);
}

TEST(NetworkDescription, LinearLayersAreNamedInTheirOrder) {
  ModelConfig config = config_of("edgeconv_attention");
  config.head = {8};
  const auto network = describe_network(config, {"localX"});
  EXPECT_EQ(find_stage(network, "blocks.0.feed_forward").linear_layers,
            (std::vector<std::string>{"blocks.0.feed_forward.in", "blocks.0.feed_forward.out"}));
  EXPECT_EQ(find_stage(network, "head").linear_layers,
            (std::vector<std::string>{"head.0", "head.1"}));
}

TEST(NetworkDescription, UnitsOfEveryTensorLieOnItsAxis) {
  for (const auto& name : known_networks()) {
    ModelConfig config = config_of(name);
    config.head = {32};
    const auto network = describe_network(config, test::with_map_features({"localX", "driftR"}));
    for (const auto& [tensor, description] : tensors_by_name(network)) {
      for (const AxisUse& use : description.axes) {
        const Axis* axis = find_axis(network, use.axis);
        ASSERT_NE(axis, nullptr) << tensor;
        const auto length = description.is_flattened
                                ? description.size()
                                : description.shape.at(static_cast<std::size_t>(use.dimension));
        EXPECT_EQ(static_cast<std::int64_t>(use.units.size()), length) << tensor;
        for (const auto unit : use.units) EXPECT_LT(unit, axis->size()) << tensor;
      }
    }
  }
}

TEST(NetworkDescription, AxesHaveThePartsThatStayTogether) {
  const auto network = describe_network(config_of("edgeconv_attention"), {"localX"});
  EXPECT_EQ(find_axis(network, "width")->parts, (std::vector<std::int64_t>{16, 16, 16, 16}));
  EXPECT_EQ(find_axis(network, "scales")->parts, (std::vector<std::int64_t>{4, 3, 3, 3}));
  EXPECT_EQ(find_axis(network, "feed_forward.0")->parts, std::vector<std::int64_t>{128});
  EXPECT_EQ(find_axis(network, "depth"), nullptr);
}

TEST(NetworkDescription, CompactionTokensAndSeveralGraphsCanBeSaid) {
  for (const auto& network :
       {network_with_compaction(), network_with_tokens(), network_with_two_graphs()})
    EXPECT_EQ(error_of(network), "") << network.name;
  EXPECT_TRUE(has_stage(network_with_compaction(), StageKind::compaction));
  EXPECT_FALSE(has_stage(network_with_tokens(), StageKind::compaction));
}

TEST(NetworkDescription, ContradictionsAreFound) {
  const auto error_after = [](const std::function<void(NetworkDescription&)>& change) {
    auto network = network_with_compaction();
    change(network);
    return error_of(network);
  };
  EXPECT_EQ(error_after([](auto& network) { network.stages[1].inputs = {"second.head"}; }),
            "first.edgeconv names 'second.head', which is not described before it");
  EXPECT_EQ(error_after([](auto& network) { network.stages[4].graph = "stations"; }),
            "second.edgeconv names 'stations', which is not described before it");
  EXPECT_EQ(error_after([](auto& network) { network.stages[3].rows = "tokens"; }),
            "kept names 'tokens', which is not described before it");
  EXPECT_EQ(error_after([](auto& network) { network.row_sets[1].of = "hits"; }),
            "survivors names 'hits', which is not described before it");
  EXPECT_EQ(error_after([](auto& network) {
              network.stages[4].columns = {{0, 9}};
            }),
            "second.edgeconv reads the columns [0, 9) of 'kept', which has 8");
  EXPECT_EQ(error_after([](auto& network) { network.stages[5].name = "first.head"; }),
            "'first.head' is described twice");
}

}  // namespace
}  // namespace stationhit::architecture
