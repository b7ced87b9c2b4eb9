// Names, input stage, independence of what else is in the batch, errors.
#include <cmath>
#include <numeric>
#include <set>

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/known_networks.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/models/network.hpp>

#include "reference.hpp"

namespace stationhit {
namespace {

using architecture::Activation;
using architecture::EncodingType;
using architecture::ModelConfig;
using models::build_network;

std::set<std::string> tensor_names(const models::Network& network) {
  std::set<std::string> names;
  for (const auto& item : network.named_parameters()) names.insert(item.key());
  for (const auto& item : network.named_buffers()) names.insert(item.key());
  return names;
}

TEST(Network, TensorsHaveTheDocumentedNamesAndShapes) {
  ModelConfig config;
  config.blocks = 1;
  config.width = 8;
  config.message_layers = 2;
  config.layer_norm = true;
  config.head = {4};
  const auto network =
      build_network(config, {"a", "b"}, features::NormalizationConstants{{0, 0}, {1, 1}});
  EXPECT_EQ(
      tensor_names(*network),
      (std::set<std::string>{
          "normalization.mean", "normalization.inv_std", "encoding.frequencies", "input.weight",
          "input.bias", "blocks.0.norm.weight", "blocks.0.norm.bias", "blocks.0.message.0.weight",
          "blocks.0.message.0.bias", "blocks.0.message.1.weight", "blocks.0.message.1.bias",
          "head.0.weight", "head.0.bias", "head.1.weight", "head.1.bias"}));
  const auto parameters = network->named_parameters();
  EXPECT_EQ(parameters["input.weight"].sizes(), (std::vector<std::int64_t>{8, 52}));
  EXPECT_EQ(parameters["blocks.0.message.0.weight"].sizes(), (std::vector<std::int64_t>{8, 16}));
  EXPECT_EQ(parameters["blocks.0.message.1.weight"].sizes(), (std::vector<std::int64_t>{8, 8}));
  EXPECT_EQ(parameters["head.1.weight"].sizes(), (std::vector<std::int64_t>{1, 4}));
}

TEST(Network, WithoutNormalizationAndEncodingThereAreNoBuffers) {
  ModelConfig config;
  config.architecture = "mlp";
  config.encoding.type = EncodingType::none;
  config.blocks = 1;
  const auto network = build_network(config, {"a"}, std::nullopt);
  EXPECT_EQ(tensor_names(*network),
            (std::set<std::string>{"input.weight", "input.bias", "blocks.0.linear.weight",
                                   "blocks.0.linear.bias", "head.0.weight", "head.0.bias"}));
}

// One encoded input: a network of width 1 without blocks whose input layer picks this column.
float encoded_value(const std::vector<float>& features, std::int64_t column) {
  ModelConfig config;
  config.width = 1;
  config.blocks = 0;
  config.encoding.scales = {-6, 0, 6};
  const auto network = build_network(
      config, {"a", "b"}, features::NormalizationConstants{{10.5F, -3.0F}, {0.7F, 1.3F}});
  const torch::NoGradGuard no_grad;
  auto parameters = network->named_parameters();
  for (auto& item : parameters) item.value().zero_();
  parameters["input.weight"][0][column] = 1;
  parameters["input.bias"].fill_(2);  // keeps relu linear
  parameters["head.0.weight"].fill_(1);
  return network
             ->forward({torch::tensor(features).view({1, 2}), torch::full({1, 1}, -1, torch::kInt)})
             .item<float>() -
         2;
}

TEST(Network, EncodingRoundsAndOrdersAsDefined) {
  const std::vector<float> features{731.25F, -2.0F}, mean{10.5F, -3.0F}, inv_std{0.7F, 1.3F};
  std::int64_t column = 0;
  for (const int scale : {-6, 0, 6}) {
    for (const bool sine : {true, false}) {
      for (std::size_t f = 0; f < 2; ++f, ++column) {
        const float difference = features[f] - mean[f];
        const float normalized = difference * inv_std[f];
        const float angle = normalized * static_cast<float>(std::pow(3.0, -scale));
        const double expected =
            sine ? std::sin(static_cast<double>(angle)) : std::cos(static_cast<double>(angle));
        EXPECT_NEAR(encoded_value(features, column), expected, 1e-6) << "column " << column;
      }
    }
  }
}

std::vector<std::string> event_features() {
  return test::with_map_features({"localY", "localZ", "driftR"});
}

models::GraphTensors tensors_of(const core::Event& event, graph::EdgeKind edges) {
  graph::GraphConfig config;
  config.edges = edges;
  const std::vector<std::string> names = event_features();
  const auto inputs = features::build_inputs(event, config, names);
  const auto n = static_cast<std::int64_t>(inputs.nodes.size());
  models::GraphTensors tensors;
  tensors.features = torch::tensor(inputs.features.values).view({n, std::ssize(names)});
  if (graph::has_table(config))
    tensors.neighbors =
        torch::tensor(inputs.neighbors.index, torch::kInt).view({n, inputs.neighbors.k});
  tensors.offsets = torch::tensor(
      std::vector<std::int64_t>(inputs.nodes.offsets.begin(), inputs.nodes.offsets.end()));
  return tensors;
}

std::shared_ptr<models::Network> event_network(const std::string& architecture) {
  torch::manual_seed(5);
  ModelConfig config;
  config.architecture = architecture;
  config.width = 16;
  auto network = build_network(
      config, event_features(),
      features::NormalizationConstants{{0, 0, 5, 0, 0, 0, 0}, {1e-3F, 1e-2F, 0.2F, 1, 1, 1, 1}});
  network->eval();
  return network;
}

// Architecture and kind of edges.
class EveryArchitecture : public testing::TestWithParam<std::tuple<std::string, graph::EdgeKind>> {
 protected:
  std::string architecture_ = std::get<0>(GetParam());
  graph::EdgeKind edges_ = std::get<1>(GetParam());
};
INSTANTIATE_TEST_SUITE_P(
    Networks, EveryArchitecture,
    testing::ValuesIn(test::networks_with_edges({graph::EdgeKind::knn, graph::EdgeKind::radius,
                                                 graph::EdgeKind::fully_connected})),
    test::CaseName());

TEST_P(EveryArchitecture, LogitsDoNotDependOnWhatElseIsInTheBatch) {
  const auto first = tensors_of(test::random_event(1, 300, 2), edges_),
             second = tensors_of(test::random_event(2, 170, 2), edges_);
  const auto shift = first.features.size(0);
  models::GraphTensors both{torch::cat({first.features, second.features}),
                            {},
                            torch::cat({first.offsets, second.offsets.slice(0, 1) + shift})};
  if (first.neighbors.defined()) {
    const auto shifted =
        torch::where(second.neighbors < 0, second.neighbors, second.neighbors + shift)
            .to(torch::kInt);
    both.neighbors = torch::cat({first.neighbors, shifted});
  }
  both.events = torch::cat(
      {torch::zeros(shift, torch::kLong), torch::ones(second.features.size(0), torch::kLong)});
  const auto network = event_network(architecture_);
  const torch::NoGradGuard no_grad;
  const auto together = network->forward(both),
             alone = torch::cat({network->forward(first), network->forward(second)});
  EXPECT_LT((together - alone).abs().max().item<double>(), 1e-5);
}

TEST_P(EveryArchitecture, HitScoresFollowAPermutationOfTheHits) {
  const core::Event event = test::random_event(3, 400, 2);
  std::vector<std::uint32_t> order(400);
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(9));
  core::Event shuffled = event;
  shuffled.hits = core::gather(event.hits, order);
  std::vector<std::uint32_t> new_place(400);
  for (std::uint32_t i = 0; i < 400; ++i) new_place[order[i]] = i;
  for (auto& hit : shuffled.buckets.hits) hit = new_place[hit];

  const auto network = event_network(architecture_);
  const auto scores = [&](const core::Event& e) {
    const torch::NoGradGuard no_grad;
    const auto logits = network->forward(tensors_of(e, edges_)).contiguous();
    return graph::hit_scores(
        graph::make_nodes(e, graph::GraphConfig{}),
        {logits.const_data_ptr<float>(), static_cast<std::size_t>(logits.numel())}, e.hits.size());
  };
  const auto before = scores(event), after = scores(shuffled);
  for (std::uint32_t i = 0; i < 400; ++i) EXPECT_NEAR(after[i], before[order[i]], 1e-5);
}

TEST(Network, DropoutActsInTrainingOnly) {
  ModelConfig config;
  config.dropout = 0.5;
  const auto network = build_network(config, {"a", "b", "c"}, std::nullopt);
  const auto graph = test::RandomGraph(1, 30).tensors();
  network->eval();
  EXPECT_TRUE(torch::equal(network->forward(graph), network->forward(graph)));
  network->train();
  EXPECT_FALSE(torch::equal(network->forward(graph), network->forward(graph)));
}

TEST(Network, TheGeneratorFixesDropout) {
  ModelConfig config;
  config.dropout = 0.5;
  const auto network = build_network(config, {"a", "b", "c"}, std::nullopt);
  auto graph = test::RandomGraph(1, 30).tensors();
  const auto logits = [&](std::uint64_t seed) {
    graph.dropout = at::make_generator<at::CPUGeneratorImpl>(seed);
    return network->forward(graph);
  };
  EXPECT_TRUE(torch::equal(logits(1), logits(1)));
  EXPECT_FALSE(torch::equal(logits(1), logits(2)));
}

TEST(Network, DroppedValuesKeepTheirMean) {
  ModelConfig config;
  config.architecture = "mlp";
  config.dropout = 0.25;
  config.blocks = 1;
  config.residual = false;
  const auto network = build_network(config, {"a"}, std::nullopt);
  const torch::NoGradGuard no_grad;
  const models::GraphTensors graph{torch::zeros({20000, 1}),
                                   torch::full({20000, 1}, -1, torch::kInt)};
  const double dropped = network->forward(graph).mean().item<double>();
  network->eval();
  EXPECT_NEAR(dropped, network->forward(graph).mean().item<double>(), 5e-3);
}

TEST(Network, TheSeedFixesTheInitialWeights) {
  const auto weight = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return build_network(ModelConfig{}, {"a"}, std::nullopt)
        ->named_parameters()["blocks.1.message.0.weight"]
        .clone();
  };
  EXPECT_TRUE(torch::equal(weight(1), weight(1)));
  EXPECT_FALSE(torch::equal(weight(1), weight(2)));
}

std::string error_of(const ModelConfig& config) {
  return test::error_of<core::ConfigError>(
      [&] { (void)build_network(config, {"a"}, std::nullopt); });
}

TEST(Network, WrongSettingsAreNamed) {
  ModelConfig config;
  config.architecture = "edgecnv";
  EXPECT_EQ(error_of(config), "model.architecture: expected one of " +
                                  core::join(architecture::known_networks()) +
                                  ", found 'edgecnv'; did you mean 'edgeconv'?");
  config = {};
  config.activation = Activation::gelu;
  EXPECT_NE(error_of(config).find("model.activation is gelu, but one message layer with "
                                  "aggregation max needs a monotone activation"),
            std::string::npos);
  config = {};
  config.message_layers = 3;
  EXPECT_EQ(error_of(config), "model.message_layers: expected an integer in 1..2, found '3'");
  config = {};
  config.width = 0;
  EXPECT_EQ(error_of(config), "model.width: expected an integer in 1..4096, found '0'");
  config = {};
  config.encoding.scales = {};
  EXPECT_NE(error_of(config).find("model.encoding.scales is empty; give at least one scale"),
            std::string::npos);
  config = {};
  config.architecture = "edgeconv_gat";
  config.heads = 5;
  EXPECT_EQ(error_of(config),
            "model.heads is 5, which does not divide model.width (64); change one of them");
  config.architecture = "edgeconv_attention";
  config.heads = 4;
  config.bands = 3;
  EXPECT_EQ(error_of(config),
            "model.bands is 3, which does not divide model.width (64); change one of them");
  config.bands = 16;
  EXPECT_EQ(error_of(config),
            "model.bands is 16, but model.encoding.scales has only 13 scales to divide; lower it");
  config.bands = 4;
  config.encoding.type = EncodingType::none;
  EXPECT_EQ(error_of(config),
            "model.encoding.type is none, but edgeconv_attention divides the scales of an encoding "
            "into bands: set fourier or learned");
  config = {};
  config.dropout = 1;
  EXPECT_EQ(error_of(config), "model.dropout: expected a number in 0..0.9, found '1'");
}

TEST(Network, EveryArchitectureOfTheConfigurationCanBeBuilt) {
  for (const auto& name : architecture::known_networks()) {
    ModelConfig config;
    config.architecture = name;
    const auto network = build_network(config, test::with_map_features({"a"}), std::nullopt);
    EXPECT_EQ(network->config().architecture, name);
  }
}

}  // namespace
}  // namespace stationhit
