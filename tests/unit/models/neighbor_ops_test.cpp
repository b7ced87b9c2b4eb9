// The operations over neighbors: kernels and Torch's own operations are two implementations of one
// definition and go through the same suite.
#include "../../../src/models/neighbor_ops.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "../../../src/models/neighbor_ops_aten.hpp"
#include "reference.hpp"

namespace stationhit::models {
namespace {

using test::RandomGraph;
using test::to_vector;
using torch::Tensor;

struct Implementation {
  const char* name;
  decltype(&max_message) max;
  decltype(&sum_message) sum;
  decltype(&gather_neighbors) gather;
  decltype(&attend_neighbors) attend;
};

class NeighborOps : public testing::TestWithParam<Implementation> {};

// A table and full groups of the same nodes.
std::vector<Edges> edges_for(std::uint64_t seed, std::size_t nodes) {
  const RandomGraph graph(seed, nodes);
  return {edges_of(graph.tensors()), edges_of(graph.with_full_groups().tensors())};
}

// Largest difference between the gradient of sum(weight * op(x)) and central differences.
template <class Op>
double gradient_error(const Tensor& x, const Op& op) {
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

TEST_P(NeighborOps, GradientsOfMessagesMatchFiniteDifferences) {
  torch::manual_seed(3);
  for (const std::size_t nodes : {1U, 2U, 17U}) {
    const auto joint = torch::randn({static_cast<std::int64_t>(nodes), 10}, torch::kDouble);
    for (const Edges& edges : edges_for(5, nodes)) {
      for (const double slope : {0.0, 0.01, 1.0}) {
        EXPECT_LT(
            gradient_error(joint, [&](const auto& x) { return GetParam().max(x, edges, slope); }),
            1e-7);
        for (const bool mean : {false, true}) {
          EXPECT_LT(
              gradient_error(joint,
                             [&](const auto& x) { return GetParam().sum(x, edges, slope, mean); }),
              1e-7);
        }
      }
    }
    const auto table = edges_for(5, nodes).front().table;
    EXPECT_LT(gradient_error(joint, [&](const auto& x) { return GetParam().gather(x, table); }),
              1e-7);
    // As a view into a larger matrix.
    EXPECT_LT(
        gradient_error(joint,
                       [&](const auto& x) { return GetParam().gather(x.narrow(1, 3, 5), table); }),
        1e-7);
  }
}

TEST_P(NeighborOps, GradientsOfAttentionMatchFiniteDifferences) {
  torch::manual_seed(4);
  for (const std::size_t nodes : {1U, 2U, 17U}) {
    const auto n = static_cast<std::int64_t>(nodes);
    const auto a = torch::randn({n, 2}, torch::kDouble), b = torch::randn({n, 2}, torch::kDouble),
               values = torch::randn({n, 6}, torch::kDouble);
    for (const Edges& edges : edges_for(6, nodes)) {
      EXPECT_LT(
          gradient_error(a, [&](const auto& x) { return GetParam().attend(x, b, values, edges); }),
          1e-7);
      EXPECT_LT(
          gradient_error(b, [&](const auto& x) { return GetParam().attend(a, x, values, edges); }),
          1e-7);
      EXPECT_LT(
          gradient_error(values, [&](const auto& x) { return GetParam().attend(a, b, x, edges); }),
          1e-7);
    }
  }
}

TEST_P(NeighborOps, WorkWithoutNodes) {
  const auto none = [](std::int64_t columns) {
    return torch::empty({0, columns}).set_requires_grad(true);
  };
  const auto& ops = GetParam();
  for (const Edges& edges : edges_for(1, 0)) {
    const auto joint = none(10);
    EXPECT_EQ(ops.max(joint, edges, 0).sizes(), (std::vector<std::int64_t>{0, 5}));
    EXPECT_EQ(ops.sum(joint, edges, 0, true).sizes(), (std::vector<std::int64_t>{0, 5}));
    EXPECT_EQ(ops.attend(none(2), none(2), joint, edges).sizes(),
              (std::vector<std::int64_t>{0, 10}));
    (ops.max(joint, edges, 0).sum() + ops.sum(joint, edges, 0, false).sum()).backward();
    EXPECT_EQ(joint.grad().sizes(), joint.sizes());
  }
  EXPECT_EQ(ops.gather(none(10), torch::empty({0, 4}, torch::kInt)).sizes(),
            (std::vector<std::int64_t>{0, 4, 10}));
}

// Values and gradients of an operation on float inputs.
template <class Op>
std::pair<Tensor, Tensor> with_gradient(const Tensor& x, const Op& op) {
  auto variable = x.clone().set_requires_grad(true);
  const Tensor result = op(variable);
  torch::manual_seed(9);
  (result * torch::randn_like(result)).sum().backward();
  return {result.detach(), variable.grad()};
}

TEST_P(NeighborOps, AgreeWithTheKernelsInSinglePrecision) {
  torch::manual_seed(1);
  const auto table = torch::randint(-1, 500, {500, 8}, torch::kInt);
  const auto joint = torch::randn({500, 64});
  const auto expect_equal = [&](const auto& op, const auto& expected_op) {
    const auto [value, gradient] = with_gradient(joint, op);
    const auto [expected_value, expected_gradient] = with_gradient(joint, expected_op);
    EXPECT_TRUE(torch::allclose(value, expected_value, 1e-5, 1e-5));
    EXPECT_TRUE(torch::allclose(gradient, expected_gradient, 1e-4, 1e-5));
  };
  const auto& ops = GetParam();
  const auto a = torch::randn({500, 4}), b = torch::randn({500, 4});
  for (const Edges& edges :
       {Edges{table}, Edges{Tensor(), torch::tensor({0, 3, 130, 131, 500}, torch::kLong)}}) {
    expect_equal([&](const Tensor& x) { return ops.max(x, edges, 0.01); },
                 [&](const Tensor& x) { return max_message(x, edges, 0.01); });
    expect_equal([&](const Tensor& x) { return ops.sum(x, edges, 0, true); },
                 [&](const Tensor& x) { return sum_message(x, edges, 0, true); });
    expect_equal([&](const Tensor& x) { return ops.attend(a, b, x, edges); },
                 [&](const Tensor& x) { return attend_neighbors(a, b, x, edges); });
  }
  expect_equal([&](const Tensor& x) { return ops.gather(x, table); },
               [&](const Tensor& x) { return gather_neighbors(x, table); });
}

INSTANTIATE_TEST_SUITE_P(By, NeighborOps,
                         testing::Values(Implementation{"kernels", max_message, sum_message,
                                                        gather_neighbors, attend_neighbors},
                                         Implementation{"torch", aten::max_message,
                                                        aten::sum_message, aten::gather_neighbors,
                                                        aten::attend_neighbors}),
                         [](const auto& made) { return std::string(made.param.name); });

TEST(MaxMessage, TheGradientGoesToTheFirstOfEqualNeighbors) {
  auto joint =
      torch::tensor({{0.0, 1.0}, {0.0, 2.0}, {0.0, 2.0}}, torch::kDouble).set_requires_grad(true);
  const auto table = torch::tensor({{0, 2, 1}, {-1, -1, -1}, {0, -1, -1}}, torch::kInt);
  const auto best = max_message(joint, {table}, 1);
  EXPECT_EQ(to_vector(best), (std::vector<double>{2, 0, 1}));
  (best * torch::tensor({{1.0}, {10.0}, {100.0}}, torch::kDouble)).sum().backward();
  EXPECT_EQ(to_vector(joint.grad()), (std::vector<double>{1, 100, 0, 0, 100, 1}));
}

}  // namespace
}  // namespace stationhit::models
