#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::core {
namespace {

using Names = std::vector<std::string>;

TEST(EventColumns, HaveAllColumnsOfTheTableButTheTruth) {
  Names of_table, of_columns;
  for_each_hit_column([&](const char* name, auto) { of_table.emplace_back(name); });
  for_each_column([&](const char* name, auto, auto) { of_columns.emplace_back(name); });
  of_columns.emplace_back("truthLink");
  EXPECT_EQ(of_columns, of_table);
  EXPECT_EQ(sizeof(HitColumns),
            sizeof(std::size_t) + (of_columns.size() - 1) * sizeof(std::span<const float>));
}

TEST(EventColumns, AreViewsOfAnEvent) {
  const Event event = test::random_event(4, 70, 2);
  const EventColumns columns(event);
  EXPECT_EQ(columns.header, event.header);
  EXPECT_EQ(columns.hits.size(), 70U);
  for_each_column([&](const char* name, auto member, auto of_table) {
    EXPECT_EQ((columns.hits.*member).data(), (event.hits.*of_table).data()) << name;
    EXPECT_EQ((columns.hits.*member).size(), 70U) << name;
  });
  ASSERT_EQ(columns.buckets.size(), event.buckets.size());
  for (std::size_t b = 0; b < event.buckets.size(); ++b) {
    EXPECT_EQ(columns.buckets.hits_of(b).data(), event.buckets.hits_of(b).data());
    EXPECT_EQ(columns.buckets.hits_of(b).size(), event.buckets.hits_of(b).size());
  }
  EXPECT_EQ(columns.buckets.x_max.data(), event.buckets.x_max.data());
  check_consistency(columns, "a");
}

TEST(EventColumns, MayBeLeftOut) {
  const Event event = test::random_event(4, 70, 2);
  EventColumns columns(event);
  columns.hits.time = {};
  columns.buckets.x_min = columns.buckets.x_max = {};
  check_consistency(columns, "a");
  columns.buckets = {};
  check_consistency(columns, "a");
  check_consistency(EventColumns(), "a");
}

struct Fault {
  const char* message;
  std::function<void(EventColumns&)> make;
};

TEST(EventColumns, ThatContradictEachOtherAreRefused) {
  const Event event = test::random_event(4, 70, 2);
  const std::vector<std::uint32_t> beyond{0, 70}, one_bucket{0, 2}, from_one{1, 2};
  const std::vector<std::uint32_t> descending{0, 9, 3, 2};
  const std::vector<Fault> faults{
      {"run 1, event 2: spacePoint_driftR has 69 values, but the event has 70 hits; give a value",
       [](EventColumns& c) { c.hits.drift_r = c.hits.drift_r.first(69); }},
      {"spacePoint_channel has 70 values, but the event has 71 hits",
       [](EventColumns& c) {
         const auto channel = c.hits.channel;
         c.hits = {};
         c.hits.n_hits = 71;
         c.hits.channel = channel;
       }},
      {"bucket_spacePoints refers to hit 70, but the event has 70 hits",
       [&](EventColumns& c) {
         c.buckets.hits = beyond;
         c.buckets.offsets = one_bucket;
         c.buckets.n_buckets = 1;
         c.buckets.x_min = c.buckets.x_max = {};
       }},
      {"bucket_spacePoints[1] has a negative length",
       [&](EventColumns& c) {
         c.buckets.offsets = descending;
         c.buckets.hits = std::span(beyond).first(2);
         c.buckets.n_buckets = 3;
         c.buckets.x_min = c.buckets.x_max = {};
       }},
      {"bucket_spacePoints has hit lists for another number of buckets",
       [&](EventColumns& c) {
         c.buckets.offsets = from_one;
         c.buckets.n_buckets = 1;
         c.buckets.x_min = c.buckets.x_max = {};
       }},
      {" entries, expected at most 2147483647 of each",
       [](EventColumns& c) { c.buckets.n_buckets = SIZE_MAX; }},
      {"the event has 2147483648 hits and",
       [](EventColumns& c) { c.hits.n_hits = std::size_t{1} << 31U; }},
      {"bucket_xMin has 0 values and bucket_xMax", [](EventColumns& c) { c.buckets.x_min = {}; }},
      {"bucket_xMin has 1 values and bucket_xMax 1, but the event has",
       [](EventColumns& c) {
         c.buckets.x_min = c.buckets.x_min.first(1);
         c.buckets.x_max = c.buckets.x_max.first(1);
       }},
  };
  for (const Fault& fault : faults) {
    EventColumns columns(event);
    fault.make(columns);
    EXPECT_CONTAINS(test::data_error([&] { check_consistency(columns, "run 1, event 2"); }),
                    fault.message);
  }
}

}  // namespace
}  // namespace stationhit::core
