// The tensors of one event.
#include "../../../src/training/event_tensors.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace stationhit::training {
namespace {

TEST(EventTensors, AreTheValuesOfTheSample) {
  const std::vector<float> features{1, 2, 3, 4, 5, 6};
  const std::vector<std::int32_t> neighbors{1, -1, 0, -1, -1, -1};
  const std::vector<std::uint8_t> labels{0, 1, 0};
  const auto graph = graph_tensors(features, neighbors, std::vector<std::uint32_t>{0, 2, 3}, 2, 2);
  EXPECT_TRUE(torch::equal(graph.features, torch::arange(1, 7).to(torch::kFloat).view({3, 2})));
  EXPECT_TRUE(
      torch::equal(graph.neighbors, torch::tensor({{1, -1}, {0, -1}, {-1, -1}}, torch::kInt)));
  EXPECT_TRUE(torch::equal(label_tensor(labels), torch::tensor({0.0F, 1.0F, 0.0F})));
  EXPECT_EQ(graph_tensors({}, {}, {}, 2, 2).features.sizes(), (std::vector<std::int64_t>{0, 2}));
}

}  // namespace
}  // namespace stationhit::training
