// The optimizers.
#include "../../../src/training/optimizer.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "network_of.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

TEST(Optimizer, TheRegistryHoldsWhatTheConfigurationAllows) {
  EXPECT_EQ(known_optimizers(), core::all_names<OptimizerType>());
}

// Two parameters, three steps with given gradients, against the formula in plain numbers.
TEST(Lion, StepsByHand) {
  const auto network = test::network_of(test::toy_run("unused"));
  OptimizerConfig config;
  config.name = OptimizerType::lion;
  config.learning_rate = 0.01;
  config.weight_decay = 0.5;
  const auto optimizer = make_optimizer(config, *network);
  torch::Tensor bias = network->named_parameters()["head.0.bias"];
  double p = bias.item<double>(), m = 0;
  for (const double g : {1.0, -0.05, -3.0}) {
    bias.mutable_grad() = torch::full({1}, g);
    optimizer->step();
    const double c = 0.9 * m + 0.1 * g;
    p = (1 - 0.01 * 0.5) * p - 0.01 * (c > 0 ? 1 : -1);
    m = 0.99 * m + 0.01 * g;
    EXPECT_NEAR(bias.item<double>(), p, 1e-6);
  }
}

}  // namespace
}  // namespace stationhit::training
