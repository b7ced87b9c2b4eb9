// Scores of a stream of events.
#include <memory>
#include <span>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

using test::toy_run;

TEST(Scoring, ScoresAndTheirOrderDoNotDependOnTheNumberOfThreads) {
  const TrainingRun run = toy_run("unused");
  auto events = test::learnable_events(40, 20, 60);
  events[7] = core::Event{};
  torch::manual_seed(8);
  const auto network = models::build_network(run.model, run.features, run.normalization);
  const auto scores = [&](unsigned threads) {
    return score_sample(*network, *test::labeled(events), 18, threads);
  };
  const auto one = scores(1), four = scores(4);
  EXPECT_EQ(one.n_events(), 18U);
  EXPECT_EQ(four.score, one.score);
  EXPECT_EQ(four.truth_link, one.truth_link);
}

// Its third event cannot be read.
class BrokenReader : public core::EventReader {
 public:
  explicit BrokenReader(std::span<const core::Event> events) : events_(events) {}
  bool next(core::Event& event) override {
    return ++read_ < 3 ? events_.next(event) : throw core::DataError("shard 0, entry 2: broken");
  }
  [[nodiscard]] std::string where() const override { return events_.where(); }

 private:
  core::MemoryReader events_;
  int read_ = 0;
};

TEST(Scoring, TheErrorOfTheReaderComesAfterTheEventsBeforeIt) {
  const TrainingRun run = toy_run("unused");
  const auto events = test::learnable_events(40, 5, 60);
  const auto network = models::build_network(run.model, run.features, run.normalization);
  const auto stream =
      features::label_events(std::make_unique<BrokenReader>(events), run.graph, run.features);
  std::size_t scored = 0;
  EXPECT_THROW(score_events(
                   *network, *stream, [&](const ScoredEvent&) { return ++scored > 0; }, 3),
               core::DataError);
  EXPECT_EQ(scored, 2U);
}

}  // namespace
}  // namespace stationhit::training
