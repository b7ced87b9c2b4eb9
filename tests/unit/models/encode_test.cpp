// Normalization and encoding: the kernel and Torch's operations give the same numbers.
#include "../../../src/models/encode.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace stationhit::models {
namespace {

InputConstants some_constants(bool normalized) {
  InputConstants constants;
  if (normalized) {
    constants.mean = torch::tensor({0.5F, -100.0F, 3.0F});
    constants.inv_std = torch::tensor({2.0F, 0.01F, 1.0F});
  }
  constants.frequencies = torch::tensor({729.0F, 1.0F, 1.0F / 729.0F});
  return constants;
}

TEST(Encode, TheKernelGivesTheNumbersOfTorch) {
  torch::manual_seed(2);
  for (const bool normalized : {true, false}) {
    for (const std::int64_t nodes : {0, 1, 2, 500}) {
      const auto features = torch::randn({nodes, 3}) * torch::tensor({1.0F, 300.0F, 5.0F});
      const auto actual = encode(some_constants(normalized), features);
      EXPECT_EQ(actual.sizes(), (std::vector<std::int64_t>{nodes, 18}));
      EXPECT_TRUE(
          torch::allclose(actual, aten::encode(some_constants(normalized), features), 0, 3e-7));
    }
  }
}

TEST(Encode, TheLimitHoldsInTheKernelAndInTorch) {
  InputConstants constants = some_constants(true);
  constants.limit = 1.5;
  const auto wide = torch::tensor({{0.5F, -600.0F, 3.0F}, {9e7F, 0.0F, -1e3F}});
  const auto within = torch::tensor({{0.5F, -250.0F, 3.0F}, {1.25F, 0.0F, 1.5F}});
  const auto expected = encode(some_constants(true), within);
  EXPECT_TRUE(torch::equal(encode(constants, wide), expected));
  EXPECT_TRUE(torch::allclose(aten::encode(constants, wide), expected, 0, 3e-7));
  constants.frequencies = torch::Tensor();
  EXPECT_TRUE(torch::equal(encode(constants, wide),
                           torch::tensor({{0.0F, -1.5F, 0.0F}, {1.5F, 1.0F, -1.5F}})));
}

TEST(Encode, FeaturesWithRowsApartAreTakenAsTheyAre) {
  const auto wide = torch::randn({20, 8});
  EXPECT_TRUE(torch::equal(encode(some_constants(true), wide.narrow(1, 2, 3)),
                           encode(some_constants(true), wide.narrow(1, 2, 3).contiguous())));
}

TEST(Encode, WithoutFrequenciesOnlyNormalizes) {
  InputConstants constants = some_constants(true);
  constants.frequencies = torch::Tensor();
  const auto features = torch::tensor({{1.0F, 0.0F, 3.0F}});
  EXPECT_TRUE(torch::equal(encode(constants, features), torch::tensor({{1.0F, 1.0F, 0.0F}})));
}

TEST(Encode, GradientsOfFeaturesAreThere) {
  auto features = torch::randn({4, 3}).set_requires_grad(true);
  encode(some_constants(true), features).sum().backward();
  EXPECT_GT(features.grad().abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace stationhit::models
