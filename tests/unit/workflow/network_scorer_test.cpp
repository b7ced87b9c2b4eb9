#include "../../../src/workflow/network_scorer.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/metrics/logit_difference.hpp>
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

  // The network with its trained weights multiplied by this factor.
  [[nodiscard]] training::LoadedNetwork scaled(float factor) const {
    const data::SafetensorsFile file(checkpoints() / "best.safetensors");
    std::vector<std::vector<float>> values;
    values.reserve(file.names().size());
    std::vector<data::NamedTensor> tensors;
    for (const std::string& name : file.names()) {
      tensors.push_back({name, file.at(name)});
      if (!name.ends_with("weight")) continue;
      const auto trained = file.values<float>(name);
      std::ranges::transform(trained, std::back_inserter(values.emplace_back()),
                             [&](float value) { return value * factor; });
      tensors.back().tensor = data::view_tensor<float>(values.back(), tensors.back().tensor.shape);
    }
    data::write_safetensors(folder / "scaled.safetensors", tensors, file.metadata());
    return training::load_network(folder / "scaled.safetensors");
  }

  training::LoadedNetwork loaded;
  std::unique_ptr<LabeledSplit> split;
  test::RecordingObserver observer;
};

TEST_F(NetworkScorer, IsTheEngineAndAgreesWithTorch) {
  const auto by_torch = scores_of(training::torch_scorer(*loaded.network));
  const auto by_engine = scores_of(make_scorer(loaded, *split, observer.log()));
  ASSERT_EQ(by_engine.score.size(), by_torch.score.size());
  metrics::LogitDifference difference;
  difference.add(by_engine.score, by_torch.score);
  EXPECT_LE(difference.largest_relative, 1e-5);
  EXPECT_GT(difference.largest_absolute, 0);  // two programs, not one twice
  EXPECT_TRUE(observer.warnings.empty());
}

// Weights so large that the logits are not numbers.
TEST_F(NetworkScorer, IsTorchWithAWarningWhereTheyDiffer) {
  const auto large = scaled(1e25F);
  EXPECT_TRUE(make_scorer(large, *split, observer.log()));
  ASSERT_EQ(observer.warnings.size(), 1U);
  EXPECT_CONTAINS(observer.warnings[0], "the engine and Torch give different logits");
}

TEST_F(NetworkScorer, IsTorchForWhatTheEngineCannotRun) {
  const auto without_numbers = scaled(std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(make_scorer(without_numbers, *split, observer.log()));
  ASSERT_EQ(observer.messages.size(), 1U);
  EXPECT_CONTAINS(observer.messages[0], "the network is run by Torch and not by the engine: ");
}

TEST_F(NetworkScorer, ValidatesWithTheWeightsOfTheMoment) {
  const auto make = validation_scorer(run.graph, *split, observer.log());
  const auto before = scores_of(make(*loaded.network));
  const auto larger = scaled(1.5F);
  const auto after = scores_of(make(*larger.network));
  EXPECT_NE(before.score, after.score);
  metrics::LogitDifference difference;
  difference.add(after.score, scores_of(training::torch_scorer(*larger.network)).score);
  EXPECT_LE(difference.largest_relative, 1e-5);
  EXPECT_GT(difference.largest_absolute, 0);  // two programs, not one twice
  EXPECT_TRUE(observer.messages.empty());
}

TEST_F(NetworkScorer, OnceTheValidationIsLeftToTorchItStaysThere) {
  const auto make = validation_scorer(run.graph, *split, observer.log());
  EXPECT_FALSE(make(*scaled(std::numeric_limits<float>::quiet_NaN()).network));
  EXPECT_FALSE(make(*loaded.network));
  ASSERT_EQ(observer.messages.size(), 1U);
  EXPECT_CONTAINS(observer.messages[0], "the network is run by Torch and not by the engine: ");
}

}  // namespace
}  // namespace stationhit::workflow
