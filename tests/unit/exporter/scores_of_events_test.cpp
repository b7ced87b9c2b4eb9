// The scores of events by the engine, in memory that is used again.

#include <gtest/gtest.h>
#include <support/counted_allocations.hpp>
#include <support/known_networks.hpp>
#include <support/random_event.hpp>
#include <support/side_by_side.hpp>
#include <torch/torch.h>

#include <stationhit/inference/hit_classifier.hpp>

#include "exported_file.hpp"

namespace stationhit {
namespace {

const std::vector<std::string> names{"localY", "driftR",       "technology", "relative_layer",
                                     "eta",    "stationLayer", "nBuckets",   "isolation"};

inference::HitClassifier classifier_of(const std::string& architecture,
                                       const graph::GraphConfig& graph) {
  torch::manual_seed(3);
  const features::NormalizationConstants constants{std::vector<float>(names.size(), 1.0F),
                                                   std::vector<float>(names.size(), 0.1F)};
  const auto network = models::build_network(test::small(architecture), names, constants);
  network->eval();
  return inference::HitClassifier(test::export_file(*network, graph));
}

struct Case {
  std::string architecture;
  graph::GraphConfig graph;
};

std::vector<Case> cases() {
  return {{"edgeconv", test::knn()},
          {"edgeconv", test::full_groups()},
          {"edgeconv_gat", test::knn()},
          {"edgeconv_attention", test::knn()}};
}

TEST(ScoresOfEvents, AreThoseOfANewClassifierWhateverWasScoredBefore) {
  for (const Case& one : cases()) {
    const inference::HitClassifier used = classifier_of(one.architecture, one.graph);
    for (const std::size_t n_hits : {600, 0, 1, 900, 50}) {
      const core::Event event = test::random_event(n_hits, n_hits, 2);
      const auto expected = classifier_of(one.architecture, one.graph).scores(event);
      std::vector<float> scores(n_hits);
      used.scores(event, scores);
      EXPECT_EQ(scores, expected) << one.architecture << ", " << n_hits << " hits";
      EXPECT_EQ(used.scores_batch({&event, 1}).front(), expected);
    }
  }
}

TEST(ScoresOfEvents, TakeNoMemoryOnceAnEventOfThisSizeWasScored) {
  const core::Event event = test::random_event(5, 900, 2);
  std::vector<float> scores(event.hits.size());
  for (const Case& one : cases()) {
    const inference::HitClassifier classifier = classifier_of(one.architecture, one.graph);
    ASSERT_EQ(classifier.model().backend(), inference::Backend::engine);
    // Inputs and memory of a call exchange their places, so the second call may still grow.
    for (int warm_up = 0; warm_up < 2; ++warm_up) classifier.scores(event, scores);
    EXPECT_EQ(test::count_allocations([&] { classifier.scores(event, scores); }), 0U)
        << one.architecture;
  }
}

TEST(ScoresOfEvents, OnManyThreadsAreThoseOfOne) {
  const inference::HitClassifier classifier = classifier_of("edgeconv", test::knn());
  const core::Event event = test::random_event(5, 400, 2);
  const auto expected = classifier.scores(event);
  std::vector<std::vector<float>> scores(16, std::vector<float>(event.hits.size()));
  test::run_side_by_side(scores.size(), [&](std::size_t thread) {
    for (int repetition = 0; repetition < 5; ++repetition) classifier.scores(event, scores[thread]);
  });
  for (const auto& of_thread : scores) EXPECT_EQ(of_thread, expected);
}

}  // namespace
}  // namespace stationhit
