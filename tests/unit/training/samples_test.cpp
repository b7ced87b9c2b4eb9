// The training split as a stream of samples.
#include "../../../src/training/samples.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

std::vector<std::size_t> epoch_sizes(const SampleSource& source, std::uint64_t epoch) {
  std::vector<std::size_t> sizes;
  auto stream = source.stream(epoch);
  while (const auto sample = stream()) sizes.push_back(sample->labels.size());
  return sizes;
}

TEST(SampleSource, EveryEpochHasEveryEventOnceInAnotherOrder) {
  test::ToyData data;
  data.train.clear();
  for (std::size_t i = 0; i < 20; ++i) data.train.push_back(test::random_event(i, 10 + i, 1));
  for (const std::size_t budget : {cache_budget, std::size_t{5000}}) {
    SampleSource source(test::toy_run("unused"), data.sources(), budget);
    const auto counts = source.prepare(true, {});
    EXPECT_EQ(counts.events, 20U);
    EXPECT_EQ(source.cached(), budget == cache_budget);
    auto first = epoch_sizes(source, 1), second = epoch_sizes(source, 2);
    EXPECT_EQ(first, epoch_sizes(source, 1));
    EXPECT_NE(first, second);
    std::ranges::sort(first);
    std::ranges::sort(second);
    EXPECT_EQ(first, second);
    EXPECT_EQ(first.size(), 20U);
  }
}

}  // namespace
}  // namespace stationhit::training
