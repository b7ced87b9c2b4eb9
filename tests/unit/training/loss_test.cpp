// The losses against their formulas in plain numbers.
#include "../../../src/training/loss.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace stationhit::training {
namespace {

TEST(Loss, TheRegistryHoldsWhatTheConfigurationAllows) {
  EXPECT_EQ(known_losses(), core::all_names<LossType>());
}

TEST(Loss, WeightedCrossEntropyByHand) {
  const std::vector<double> logits{0.3, -2.0, 5.0}, labels{1, 0, 0};
  double expected = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = 1 / (1 + std::exp(-logits[i]));
    expected -= (labels[i] * 7.5 * std::log(p) + (1 - labels[i]) * std::log(1 - p)) / 3;
  }
  EXPECT_NEAR(node_loss({}, torch::tensor(logits, torch::kDouble),
                        torch::tensor(labels, torch::kDouble), 7.5)
                  .item<double>(),
              expected, 1e-12);
  EXPECT_EQ(node_loss({}, torch::zeros({0}), torch::zeros({0}), 2).item<double>(), 0);
}

TEST(Loss, WeightedFocalLossByHand) {
  const std::vector<double> logits{0.3, -2.0, 5.0, -60.0}, labels{1, 0, 0, 1},
      weights{1, 2, 0.5, 1};
  LossConfig config;
  config.name = LossType::focal;
  config.alpha = 0.9;
  config.gamma = 1.5;
  double expected = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const double p = 1 / (1 + std::exp(labels[i] == 1 ? -logits[i] : logits[i]));
    expected -= weights[i] * (labels[i] == 1 ? 0.9 : 0.1) * std::pow(1 - p, 1.5) * std::log(p) / 4;
  }
  const auto tensor = [](const std::vector<double>& values) {
    return torch::tensor(values, torch::kDouble);
  };
  EXPECT_NEAR(
      node_loss(config, tensor(logits), tensor(labels), 7.5, tensor(weights)).item<double>(),
      expected, 1e-12);
}

TEST(Loss, FocalWithGammaZeroIsHalfTheCrossEntropyWithEqualAlphas) {
  LossConfig config;
  config.name = LossType::focal;
  config.alpha = 0.5;
  config.gamma = 0;
  const auto logits = torch::randn({50}, torch::kDouble),
             labels = torch::randint(2, {50}, torch::kDouble);
  EXPECT_NEAR(node_loss(config, logits, labels, 1).item<double>(),
              node_loss({}, logits, labels, 1).item<double>() / 2, 1e-12);
}

}  // namespace
}  // namespace stationhit::training
