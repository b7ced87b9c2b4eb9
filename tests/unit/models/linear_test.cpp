// Linear layers in our own kernel against Torch in double precision.
#include "../../../src/models/linear.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace stationhit::models {
namespace {

using torch::Tensor;

// Values and the gradients of sum(factors * values) with respect to the tensors.
std::vector<Tensor> outcome(const Tensor& result, const Tensor& factors,
                            const std::vector<Tensor>& tensors) {
  auto found = torch::autograd::grad({(result * factors).sum()}, tensors);
  found.push_back(result);
  return found;
}

std::vector<Tensor> in_double(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> found;
  for (const auto& tensor : tensors)
    found.push_back(tensor.detach().to(torch::kDouble).set_requires_grad(tensor.requires_grad()));
  return found;
}

void expect_close(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].scalar_type(), torch::kFloat);
    EXPECT_TRUE(torch::allclose(actual[i].to(torch::kDouble), expected[i], 1e-5, 1e-4))
        << "tensor " << i;
  }
}

Tensor variable(const Tensor& values) { return values.detach().set_requires_grad(true); }

TEST(Linear, ValuesAndGradientsAreThoseOfTorch) {
  torch::manual_seed(1);
  for (const std::int64_t nodes : {0, 1, 7, 300}) {
    for (const std::int64_t out : {1, 24, 72}) {
      const std::vector<Tensor> tensors{variable(torch::randn({nodes, 20})),
                                        variable(torch::randn({out, 20})),
                                        variable(torch::randn({out}))};
      const Tensor factors = torch::randn({nodes, out});
      const auto reference = in_double(tensors);
      const Tensor expected = torch::linear(reference[0], reference[1], reference[2]);
      expect_close(outcome(apply_linear(tensors[0], tensors[1], tensors[2]), factors, tensors),
                   outcome(expected, factors.to(torch::kDouble), reference));
    }
  }
}

TEST(Linear, WithoutBiasAndWithInputsThatAreConstants) {
  torch::manual_seed(2);
  const Tensor values = torch::randn({30, 12}), weight = variable(torch::randn({5, 12})),
               factors = torch::randn({30, 5});
  const auto reference = in_double({values, weight});
  expect_close(outcome(apply_linear(values, weight), factors, {weight}),
               outcome(torch::linear(reference[0], reference[1]), factors.to(torch::kDouble),
                       {reference[1]}));
}

TEST(Linear, TakesTensorsWhoseValuesAreNotBesideEachOther) {
  torch::manual_seed(3);
  const Tensor values = variable(torch::randn({12, 30}).t()),
               weight = variable(torch::randn({5, 24}).narrow(1, 3, 12));
  const Tensor factors = torch::ones({1, 5}).expand({30, 5});
  const auto reference = in_double({values, weight});
  expect_close(
      outcome(apply_linear(values, weight), factors, {values, weight}),
      outcome(torch::linear(reference[0], reference[1]), factors.to(torch::kDouble), reference));
}

}  // namespace
}  // namespace stationhit::models
