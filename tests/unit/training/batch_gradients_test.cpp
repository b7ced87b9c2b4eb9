// Loss and gradients of a batch.
#include "../../../src/training/batch_gradients.hpp"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "../../../src/training/event_tensors.hpp"
#include "../../../src/training/loss.hpp"
#include "network_of.hpp"
#include "some_samples.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

// The loss of the events put into one graph, and its gradients.
BatchGradients gradients_of_one_graph(models::Network& network,
                                      const std::vector<std::shared_ptr<const Sample>>& samples,
                                      std::int64_t k) {
  std::vector<torch::Tensor> features, neighbors, labels;
  std::int64_t first = 0;
  for (const auto& sample : samples) {
    const auto graph = graph_tensors(sample->features, sample->neighbors, sample->offsets, 2, k);
    features.push_back(graph.features);
    neighbors.push_back(
        torch::where(graph.neighbors < 0, graph.neighbors, graph.neighbors + first));
    labels.push_back(label_tensor(sample->labels));
    first += graph.features.size(0);
  }
  const auto loss = node_loss({}, network.forward({torch::cat(features), torch::cat(neighbors)}),
                              torch::cat(labels), 3);
  return {loss.item<double>(), torch::autograd::grad({loss}, network.parameters())};
}

TEST(BatchGradients, AreThoseOfTheMeanOverTheNodesOfAllEvents) {
  const TrainingRun run = test::toy_run("unused");
  const auto samples = test::some_samples(run);
  const auto network = test::network_of(run);
  const auto expected = gradients_of_one_graph(*network, samples, run.graph.k);
  const auto actual = batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 0, 2}, 0);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-6);
  ASSERT_EQ(actual.gradients.size(), expected.gradients.size());
  for (std::size_t i = 0; i < actual.gradients.size(); ++i)
    EXPECT_TRUE(torch::allclose(actual.gradients[i], expected.gradients[i], 1e-4, 1e-6)) << i;
  for (const auto& parameter : network->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

TEST(BatchGradients, DoNotDependOnTheNumberOfThreads) {
  TrainingRun run = test::toy_run("unused");
  run.model.dropout = 0.3;
  const auto samples = test::some_samples(run);
  const auto network = test::network_of(run);
  const auto one = batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, 1}, 8);
  for (const unsigned threads : {2U, 5U, 16U}) {
    const auto several =
        batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, threads}, 8);
    EXPECT_EQ(several.loss, one.loss);
    for (std::size_t i = 0; i < one.gradients.size(); ++i)
      EXPECT_TRUE(torch::equal(several.gradients[i], one.gradients[i])) << i;
  }
  EXPECT_NE(batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 12, 1}, 8).loss, one.loss)
      << "another seed, other dropout";
  EXPECT_NE(batch_gradients(*network, samples, {{}, 3, run.graph.k, 1, 11, 1}, 9).loss, one.loss)
      << "other events, other dropout";
}

TEST(BatchGradients, EventsWithoutNodesGiveZero) {
  const TrainingRun run = test::toy_run("unused");
  const auto network = test::network_of(run);
  const auto empty = batch_gradients(*network, std::vector{std::make_shared<const Sample>()},
                                     {{}, 3, run.graph.k, 1, 0, 2}, 0);
  EXPECT_EQ(empty.loss, 0);
  for (const auto& gradient : empty.gradients) EXPECT_EQ(gradient.abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace stationhit::training
