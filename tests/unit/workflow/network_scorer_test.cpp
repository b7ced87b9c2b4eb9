#include "../../../src/workflow/network_scorer.hpp"

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <torch/torch.h>
#include <unit/workflow/small_run.hpp>

#include <stationhit/models/network.hpp>
#include <stationhit/workflow/logit_difference.hpp>
#include <stationhit/workflow/trained_network.hpp>

namespace stationhit::workflow {
namespace {

class NetworkScorer : public SmallRun {
 protected:
  NetworkScorer()
      : loaded(load_trained_network(run).loaded),
        split(open_labeled_split(run.test_path,
                                 {loaded.metadata.feature_names, loaded.metadata.graph})) {}

  [[nodiscard]] metrics::ScoredSample scores_of(const training::NodeScorer& scorer) const {
    metrics::ScoredSample sample;
    training::score_events(
        scorer, *split->read_all(),
        [&](const training::ScoredEvent& event) {
          metrics::append(sample, event.event.truth, event.hit_scores);
          return true;
        },
        2);
    return sample;
  }

  training::LoadedNetwork loaded;
  std::unique_ptr<LabeledSplit> split;
  test::RecordingObserver observer;
};

TEST_F(NetworkScorer, IsTheEngineAndAgreesWithTorch) {
  const auto by_torch = scores_of(training::torch_scorer(*loaded.network));
  const auto by_engine = scores_of(make_scorer(loaded, *split, observer.log()));
  ASSERT_EQ(by_engine.score.size(), by_torch.score.size());
  LogitDifference difference;
  difference.add(by_engine.score, by_torch.score);
  EXPECT_LE(difference.largest_relative, 1e-5);
  EXPECT_GT(difference.largest_absolute, 0);  // two programs, not one twice
  EXPECT_TRUE(observer.warnings.empty());
}

// A network that is in memory only.
TEST_F(NetworkScorer, TakesTheWeightsAsTheyAre) {
  {
    const torch::NoGradGuard no_grad;
    for (const auto& weight : loaded.network->parameters()) weight.mul_(1.5);
  }
  LogitDifference difference;
  difference.add(scores_of(make_scorer(loaded, *split, observer.log())).score,
                 scores_of(training::torch_scorer(*loaded.network)).score);
  EXPECT_LE(difference.largest_relative, 1e-5);
}

// Weights so large that the logits are not numbers.
TEST_F(NetworkScorer, IsTorchWithAWarningWhereTheyDiffer) {
  {
    const torch::NoGradGuard no_grad;
    for (const auto& weight : loaded.network->parameters()) weight.mul_(1e25);
  }
  EXPECT_TRUE(make_scorer(loaded, *split, observer.log()));
  ASSERT_EQ(observer.warnings.size(), 1U);
  EXPECT_CONTAINS(observer.warnings[0], "the engine and Torch give different logits");
}

TEST_F(NetworkScorer, IsTorchForWhatTheEngineCannotRun) {
  {
    const torch::NoGradGuard no_grad;
    for (const auto& weight : loaded.network->parameters()) weight.fill_(std::nanf(""));
  }
  EXPECT_TRUE(make_scorer(loaded, *split, observer.log()));
  ASSERT_EQ(observer.messages.size(), 1U);
  EXPECT_CONTAINS(observer.messages[0], "the network is run by Torch and not by the engine: ");
}

}  // namespace
}  // namespace stationhit::workflow
