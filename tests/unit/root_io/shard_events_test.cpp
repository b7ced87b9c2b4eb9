#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/shard_events.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::root_io {
namespace {

class ShardEventsTest : public testing::Test {
 protected:
  ShardEventsTest() {
    events_[0].header.run_number = 7;
    events_[2].header.event_number = std::uint64_t{1} << 40U;
    write("a.root", {events_[0], events_[1]});
    write("b.root", {events_[2], events_[3]});
  }

  void write(const std::string& name, const std::vector<core::Event>& events) const {
    ShardWriter writer(folder_ / name);
    for (const core::Event& event : events) writer.write(event);
    writer.close();
  }

  static std::uint64_t hash_of(const core::Event& event) {
    const core::HitTable& hits = event.hits;
    return core::hash_places(hits.technology, hits.station_index, hits.station_eta,
                             hits.station_phi, hits.layer);
  }

  test::ScratchFolder folder_;
  std::vector<core::Event> events_{test::random_event(1, 900, 2), test::random_event(2, 0, 0),
                                   test::random_event(3, 70000, 1), test::random_event(4, 31, 3)};
  ShardEvents listed_{{folder_ / "a.root", folder_ / "b.root"}};
};

TEST_F(ShardEventsTest, KeysAreThoseOfTheEvents) {
  const std::vector<core::EventKey> keys = listed_.read_keys();
  ASSERT_EQ(keys.size(), events_.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(keys[i].event_number, events_[i].header.event_number);
    EXPECT_EQ(keys[i].run_number, events_[i].header.run_number);
    EXPECT_EQ(keys[i].n_hits, events_[i].hits.size());
  }
}

TEST_F(ShardEventsTest, HashesAreThoseOfTheHits) {
  using Hashes = std::vector<std::uint64_t>;
  EXPECT_EQ(listed_.hash_hits({0, 1, 2, 3}), (Hashes{hash_of(events_[0]), hash_of(events_[1]),
                                                     hash_of(events_[2]), hash_of(events_[3])}));
  EXPECT_EQ(listed_.hash_hits({3}), Hashes{hash_of(events_[3])});
  EXPECT_EQ(listed_.hash_hits({}), Hashes{});
}

TEST_F(ShardEventsTest, ADamagedShardIsNamed) {
  const std::string bytes = test::read_bytes(folder_ / "a.root");
  test::write_bytes(folder_ / "a.root", bytes.substr(0, bytes.size() / 2));
  EXPECT_CONTAINS(test::data_error([&] { (void)listed_.read_keys(); }),
                  (folder_ / "a.root").string());
}

}  // namespace
}  // namespace stationhit::root_io
