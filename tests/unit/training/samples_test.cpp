// The training split as a stream of samples.
#include "../../../src/training/samples.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

constexpr std::size_t enough = std::size_t{1} << 30U;

std::vector<std::size_t> epoch_sizes(const SampleSource& source, std::uint64_t epoch) {
  std::vector<std::size_t> sizes;
  const auto stream = source.stream(epoch);
  while (const auto sample = stream->next()) sizes.push_back(sample->labels.size());
  return sizes;
}

TEST(SampleSource, EveryEpochHasEveryEventOnceInAnotherOrder) {
  test::ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 20; ++i) data.train.push_back(test::random_event(i, 10 + i, 1));
  const TrainingRun run = test::toy_run("unused");
  const TrainingData sources = data.sources();
  for (const std::size_t budget : {enough, std::size_t{5000}}) {
    const auto [source, counts] = read_samples(run, sources, Counting::all_events, {}, budget);
    EXPECT_EQ(counts.events, 20U);
    EXPECT_EQ(source.cached(), budget == enough);
    auto first = epoch_sizes(source, 1), second = epoch_sizes(source, 2);
    EXPECT_EQ(first, epoch_sizes(source, 1));
    EXPECT_NE(first, second);
    std::ranges::sort(first);
    std::ranges::sort(second);
    EXPECT_EQ(first, second);
    EXPECT_EQ(first.size(), 20U);
  }
}

TEST(ReadSamples, MayEndWhenTheInputsDoNotFit) {
  const test::ToyData data;
  const TrainingRun run = test::toy_run("unused");
  const TrainingData sources = data.sources();
  const auto short_pass = read_samples(run, sources, Counting::cached_events, {}, 1);
  EXPECT_FALSE(short_pass.source.cached());
  EXPECT_EQ(short_pass.counts.events, 1U);
  EXPECT_EQ(short_pass.counts.events_in_split, data.train.size());
  const auto whole_pass = read_samples(run, sources, Counting::cached_events, {}, enough);
  EXPECT_TRUE(whole_pass.source.cached());
  EXPECT_EQ(whole_pass.counts.events, data.train.size());
}

TEST(ReadSamples, KnowsEarlyThatTheInputsWillNotFit) {
  test::ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 200; ++i) data.train.push_back(test::random_event(1, 10, 1));
  const TrainingRun run = test::toy_run("unused");
  const TrainingData sources = data.sources();
  const std::size_t one_event = read_samples(run, sources, Counting::cached_events, {}, enough)
                                    .source.stream(1)
                                    ->next()
                                    ->bytes();
  const auto half = read_samples(run, sources, Counting::cached_events, {}, 100 * one_event);
  EXPECT_FALSE(half.source.cached());
  EXPECT_EQ(half.counts.events, 64U);
  const auto all = read_samples(run, sources, Counting::cached_events, {}, 200 * one_event);
  EXPECT_TRUE(all.source.cached());
}

}  // namespace
}  // namespace stationhit::training
