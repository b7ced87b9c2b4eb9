#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/data/checksums.hpp>

namespace stationhit::data {
namespace {

Checksums of(const std::vector<core::Event>& events) {
  ColumnHasher hasher;
  for (const core::Event& event : events) hasher.add(event);
  return hasher.digest();
}

std::vector<std::string> differences(const Checksums& a, const Checksums& b) {
  std::vector<std::string> names;
  for (const auto& [name, value] : a)
    if (b.at(name) != value) names.push_back(name);
  return names;
}

TEST(Checksums, AChangedValueShowsInItsColumnOnly) {
  core::Event event = test::random_event(1, 30, 2);
  const Checksums before = of({event});
  event.hits.local_y[29] += 1.0F;
  EXPECT_EQ(differences(before, of({event})), (std::vector<std::string>{"spacePoint_PositionY"}));
  EXPECT_CONTAINS(
      test::data_error([&] { compare_checksums(before, of({event}), "s.root"); }),
      "s.root: the content differs from the checksums of the manifest (columns "
      "spacePoint_PositionY); the shard is damaged; the same `stationhit prepare` into the "
      "same folder makes missing and damaged shards again");
}

TEST(Checksums, EveryColumnCounts) {
  const core::Event event = test::random_event(1, 30, 2);
  const Checksums before = of({event});
  std::size_t columns = 0;
  core::for_each_hit_column([&](const char* name, auto member) {
    core::Event changed = event;
    (changed.hits.*member)[3] =
        static_cast<std::remove_cvref_t<decltype((changed.hits.*member)[3])>>(
            (changed.hits.*member)[3] + 1);
    EXPECT_EQ(differences(before, of({changed})),
              (std::vector<std::string>{std::string("spacePoint_") + name}));
    ++columns;
  });
  EXPECT_EQ(columns, 31U);
  core::Event changed = event;
  changed.header.event_number += 1;
  EXPECT_EQ(differences(before, of({changed})), (std::vector<std::string>{"eventNumber"}));
}

TEST(Checksums, MovingHitsToTheNextEventIsNoticed) {
  const core::Event whole = test::random_event(1, 10, 0);
  core::Event first = whole;
  core::Event second = whole;
  first.buckets = second.buckets = {};
  core::Event a = first;
  core::Event b = second;
  core::resize(a.hits, 5);
  b.hits = core::gather(whole.hits, std::vector<std::uint32_t>{5, 6, 7, 8, 9});
  core::Event c = first;
  core::Event d = second;
  core::resize(c.hits, 4);
  d.hits = core::gather(whole.hits, std::vector<std::uint32_t>{4, 5, 6, 7, 8, 9});
  EXPECT_EQ(differences(of({a, b}), of({c, d})).size(), 31U);
}

TEST(Checksums, AbsentAndEmptyBucketsAreTheSame) {
  core::Event absent;
  core::Event empty;
  empty.buckets.offsets = {0};
  EXPECT_EQ(of({absent}), of({empty}));
}

}  // namespace
}  // namespace stationhit::data
