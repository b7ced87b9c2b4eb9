// The factorised EdgeConv against its definition edge by edge, and the gradients of the neighbour operations.
#include <cmath>

#include <gtest/gtest.h>

#include "../../../src/models/neighbour_ops.hpp"
#include "reference.hpp"

namespace stationhit {
namespace {

using models::ModelConfig;
using test::NaiveNetwork;
using test::RandomGraph;

ModelConfig small_config() {
  ModelConfig config;
  config.width = 6;
  config.blocks = 2;
  config.encoding.scales = {-1, 0, 2};
  return config;
}

features::NormalizationConstants some_normalisation() { return {{0.5F, -1.0F, 0.25F}, {2.0F, 0.5F, 1.0F}}; }

std::shared_ptr<models::Network> build(const ModelConfig& config) {
  torch::manual_seed(7);
  auto network = models::build_network(config, {"a", "b", "c"}, some_normalisation());
  network->to(torch::kDouble);
  network->eval();
  return network;
}

struct Case {
  std::string architecture, aggregation, activation;
  int message_layers;
  bool residual, layer_norm;
};

class AgainstDefinition : public testing::TestWithParam<Case> {};

TEST_P(AgainstDefinition, LogitsAgreeInDoublePrecision) {
  ModelConfig config = small_config();
  config.architecture = GetParam().architecture;
  config.aggregation = GetParam().aggregation;
  config.activation = GetParam().activation;
  config.message_layers = GetParam().message_layers;
  config.residual = GetParam().residual;
  config.layer_norm = GetParam().layer_norm;
  config.head = GetParam().layer_norm ? std::vector<std::int32_t>{5} : std::vector<std::int32_t>{};
  const auto network = build(config);
  const NaiveNetwork naive(*network);
  for (const std::size_t nodes : {0U, 1U, 2U, 3U, 40U}) {
    const RandomGraph graph(nodes + 1, nodes);
    const auto expected = naive.logits(graph.features, graph.neighbours);
    const auto logits = network->forward(graph.tensors());
    ASSERT_EQ(logits.dim(), 1);
    const auto actual = test::to_vector(logits);
    ASSERT_EQ(actual.size(), nodes);
    for (std::size_t i = 0; i < nodes; ++i) EXPECT_NEAR(actual[i], expected[i], 1e-11) << "node " << i << " of " << nodes;
  }
}

std::vector<Case> cases() {
  std::vector<Case> all{
      {"mlp", "max", "relu", 1, true, false}, {"mlp", "max", "gelu", 1, false, true}, {"edgeconv", "max", "leaky_relu", 1, true, true}};
  for (const auto* aggregation : {"max", "mean", "sum"}) {
    for (const int layers : {1, 2}) {
      all.push_back({"edgeconv", aggregation, "relu", layers, true, false});
      all.push_back({"edgeconv", aggregation, "relu", layers, false, true});
    }
    all.push_back({"edgeconv", aggregation, "silu", 2, true, true});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Options, AgainstDefinition, testing::ValuesIn(cases()));

// Largest difference between the gradient of sum(weight * op(x)) and central differences.
template <class Op>
double gradient_error(const torch::Tensor& x, const Op& op) {
  const auto weight = torch::randn_like(op(x));
  auto variable = x.detach().clone().set_requires_grad(true);
  (op(variable) * weight).sum().backward();
  double worst = 0;
  constexpr double step = 1e-6;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    auto up = x.clone(), down = x.clone();
    up.view(-1)[i] += step;
    down.view(-1)[i] -= step;
    const double slope = ((op(up) - op(down)) * weight).sum().template item<double>() / (2 * step);
    worst = std::max(worst, std::abs(slope - variable.grad().view(-1)[i].template item<double>()));
  }
  return worst;
}

TEST(NeighbourOps, GradientsMatchFiniteDifferences) {
  torch::manual_seed(3);
  const auto table = RandomGraph(5, 17).tensors().neighbours;
  const auto values = torch::randn({17, 5}, torch::kDouble);
  EXPECT_LT(gradient_error(values, [&](const auto& x) { return models::neighbour_max(x, table); }), 1e-7);
  EXPECT_LT(gradient_error(values, [&](const auto& x) { return models::gather_neighbours(x, table); }), 1e-7);
}

TEST(NeighbourOps, MaximumGradientGoesToTheFirstOfEqualNeighbours) {
  auto values = torch::tensor({{1.0}, {2.0}, {2.0}}, torch::kDouble).set_requires_grad(true);
  const auto table = torch::tensor({{0, 2, 1}, {-1, -1, -1}, {0, -1, -1}}, torch::kInt);
  const auto best = models::neighbour_max(values, table);
  EXPECT_EQ(test::to_vector(best), (std::vector<double>{2, 0, 1}));
  (best * torch::tensor({{1.0}, {10.0}, {100.0}}, torch::kDouble)).sum().backward();
  EXPECT_EQ(test::to_vector(values.grad()), (std::vector<double>{100, 0, 1}));
}

TEST(NeighbourOps, ResultsDoNotDependOnTheNumberOfThreads) {
  torch::manual_seed(1);
  const auto table = torch::randint(-1, 3000, {3000, 8}, torch::kInt);
  const auto start = torch::randn({3000, 64});
  const auto run = [&](int threads) {
    torch::set_num_threads(threads);
    auto x = start.clone().set_requires_grad(true);
    (models::neighbour_max(x, table) * 3 + models::gather_neighbours(x, table).select(1, 2)).backward(start);
    return x.grad();
  };
  const int before = torch::get_num_threads();
  EXPECT_TRUE(torch::equal(run(1), run(2)));
  torch::set_num_threads(before);
}

// Gradients of a whole network by name, on graphs with nodes without neighbours.
TEST(EdgeConv, ParameterGradientsMatchFiniteDifferences) {
  for (const auto* aggregation : {"max", "mean", "sum"}) {
    ModelConfig config = small_config();
    config.message_layers = 2;
    config.aggregation = aggregation;
    config.activation = "silu";
    config.blocks = 1;
    const auto network = build(config);
    const auto graph = RandomGraph(11, 9).tensors();
    const auto weight = torch::randn({9}, torch::kDouble);
    const auto loss = [&] { return (network->forward(graph) * weight).sum(); };
    loss().backward();
    const torch::NoGradGuard no_grad;
    for (const auto& item : network->named_parameters()) {
      auto entry = item.value().view(-1)[0];
      constexpr double step = 1e-6;
      entry += step;
      const double up = loss().item<double>();
      entry -= 2 * step;
      const double down = loss().item<double>();
      entry += step;
      EXPECT_NEAR((up - down) / (2 * step), item.value().grad().view(-1)[0].item<double>(), 1e-6) << aggregation << " " << item.key();
    }
  }
}

}  // namespace
}  // namespace stationhit
