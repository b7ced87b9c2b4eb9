#include <atomic>
#include <chrono>
#include <climits>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sched.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>

namespace stationhit::core {
namespace {

TEST(ParallelFor, DoesEveryItemOnce) {
  for (const unsigned threads : {0U, 1U, 2U, 7U}) {
    for (const std::size_t n :
         {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
      std::vector<std::atomic<int>> done(n);
      parallel_for(n, threads, [&](std::size_t i) { ++done[i]; });
      for (std::size_t i = 0; i < n; ++i)
        EXPECT_EQ(done[i], 1) << i << " of " << n << " on " << threads;
    }
  }
}

TEST(ParallelFor, OneThreadGoesInOrderOnTheCallingThread) {
  const auto caller = std::this_thread::get_id();
  std::vector<std::size_t> order;
  parallel_for(5, 1, [&](std::size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ParallelFor, ReallyRunsAtTheSameTime) {
  // Each of two items waits until the other has started.
  std::atomic<int> started{0};
  parallel_for(2, 2, [&](std::size_t) {
    ++started;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (started < 2 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_EQ(started, 2);
  });
}

TEST(ParallelFor, ExceptionIsRethrownAndStopsTheRest) {
  for (const unsigned threads : {1U, 4U}) {
    std::atomic<std::size_t> calls{0};
    EXPECT_EQ(test::expected_error<std::runtime_error>([&] {
                parallel_for(1'000'000, threads, [&](std::size_t i) {
                  ++calls;
                  if (i == 10) throw std::runtime_error("item 10");
                  std::this_thread::yield();
                });
              }),
              "item 10");
    EXPECT_LT(calls, 1'000'000U);
  }
}

TEST(ParallelFor, AllItemsFail) {
  EXPECT_THROW(parallel_for(100, 4, [](std::size_t) { throw std::out_of_range("x"); }),
               std::out_of_range);
}

TEST(ResolveThreads, ZeroMeansAllCores) {
  EXPECT_EQ(resolve_threads(3), 3U);
  EXPECT_GE(resolve_threads(0), 1U);
}

TEST(ResolveThreads, ZeroKeepsToTheAffinityOfTheProcess) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  int core = 0;
  while (!CPU_ISSET(core, &before)) ++core;
  CPU_SET(core, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(resolve_threads(0), 1U);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(Threads, AreBounded) {
  EXPECT_EQ(resolve_threads(1024), 1024U);
  EXPECT_CONTAINS(test::error_of<UsageError>([] { (void)resolve_threads(UINT_MAX); }),
                  "4294967295 threads: expected at most 1024");
  EXPECT_THROW(parallel_for(2, 1025, [](std::size_t) {}), UsageError);
}

}  // namespace
}  // namespace stationhit::core
