#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/object_pool.hpp>

namespace stationhit::core {
namespace {

using Pool = ObjectPool<std::vector<int>>;

std::vector<int> make() { return {1}; }

TEST(ObjectPool, AnObjectThatWasGivenBackIsTakenAgainWithItsMemory) {
  Pool pool;
  const int* memory = nullptr;
  {
    const auto loan = pool.borrow(make);
    loan->resize(100);
    memory = loan->data();
  }
  const auto again = pool.borrow(make);
  EXPECT_EQ(again->size(), 100U);
  EXPECT_EQ(again->data(), memory);
}

TEST(ObjectPool, ObjectsInUseAreDifferent) {
  Pool pool;
  int free = 0;
  {
    const auto first = pool.borrow(make), second = pool.borrow(make);
    first->push_back(2);
    EXPECT_EQ(second->size(), 1U);
    pool.for_each_free([&](const auto&) { ++free; });
    EXPECT_EQ(free, 0);
  }
  pool.for_each_free([&](const auto&) { ++free; });
  EXPECT_EQ(free, 2);
}

}  // namespace
}  // namespace stationhit::core
