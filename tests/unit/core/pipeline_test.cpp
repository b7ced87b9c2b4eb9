#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <support/case_name.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/pipeline.hpp>

namespace stationhit::core {
namespace {

using Numbers = Pipeline<int>;

class PipelineOf : public testing::TestWithParam<unsigned> {};

TEST_P(PipelineOf, KeepsOrderAndBoundsWhatIsAhead) {
  std::atomic<int> taken = 0;
  Numbers numbers(GetParam(), 3, [&]() -> std::optional<Numbers::Job> {
    if (taken == 100) return std::nullopt;
    return [number = taken++] {
      if (number % 3 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
      return number;
    };
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(numbers.next(), i);
    EXPECT_LE(taken, i + 1 + 3 + 1);
  }
  EXPECT_EQ(numbers.next(), std::nullopt);
  EXPECT_EQ(numbers.next(), std::nullopt);
}

TEST_P(PipelineOf, PassesOnTheErrorOfReadingAfterWhatWasMadeBefore) {
  int taken = 0;
  Numbers numbers(GetParam(), 2, [&]() -> std::optional<Numbers::Job> {
    if (taken == 2) throw DataError("broken shard");
    return [number = taken++] { return number; };
  });
  EXPECT_EQ(numbers.next(), 0);
  EXPECT_EQ(numbers.next(), 1);
  EXPECT_THROW((void)numbers.next(), DataError);
  EXPECT_EQ(numbers.next(), std::nullopt);
}

TEST_P(PipelineOf, PassesOnTheErrorOfAJobInItsPlace) {
  int taken = 0;
  Numbers numbers(GetParam(), 4, [&]() -> std::optional<Numbers::Job> {
    return [number = taken++] { return number == 2 ? throw DataError("broken event") : number; };
  });
  EXPECT_EQ(numbers.next(), 0);
  EXPECT_EQ(numbers.next(), 1);
  EXPECT_THROW((void)numbers.next(), DataError);
  EXPECT_EQ(numbers.next(), 3);
}

TEST_P(PipelineOf, CanBeLeftEarly) {
  Numbers numbers(GetParam(), 1, [] { return std::optional<Numbers::Job>([] { return 1; }); });
  EXPECT_EQ(numbers.next(), 1);
  EXPECT_GE(numbers.seconds_taking(), 0);
}
INSTANTIATE_TEST_SUITE_P(Threads, PipelineOf, testing::Values(1U, 2U, 5U), test::CaseName());

}  // namespace
}  // namespace stationhit::core
