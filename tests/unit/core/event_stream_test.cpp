#include <vector>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/event_stream.hpp>

namespace stationhit::core {
namespace {

TEST(MemoryReader, GivesTheEventsInOrderAndThenEnds) {
  const std::vector<Event> events{test::random_event(1, 30, 2), test::random_event(2, 0, 0),
                                  test::random_event(3, 5, 1)};
  MemoryReader reader(events);
  EXPECT_EQ(reader.size(), 3U);
  Event event;
  for (const Event& expected : events) {
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == expected) << reader.where();
  }
  EXPECT_FALSE(reader.next(event));
  EXPECT_FALSE(reader.next(event));
}

TEST(MemoryReader, SaysWhichEventItGaveLast) {
  const std::vector<Event> events(2);
  MemoryReader reader(events, "toy.root");
  EXPECT_EQ(reader.where(), "toy.root, event 0");
  Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(reader.where(), "toy.root, event 0");
  ASSERT_TRUE(reader.next(event));
  EXPECT_FALSE(reader.next(event));
  EXPECT_EQ(reader.where(), "toy.root, event 1");
}

TEST(MemoryReader, HasNothingToGiveWithoutEvents) {
  MemoryReader reader({});
  Event event;
  EXPECT_FALSE(reader.next(event));
  EXPECT_EQ(reader.size(), 0U);
}

}  // namespace
}  // namespace stationhit::core
