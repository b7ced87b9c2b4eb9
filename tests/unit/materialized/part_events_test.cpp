#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/materialized/part_events.hpp>

#include "small_split.hpp"

namespace stationhit::materialized {
namespace {

class PartEventsTest : public SmallSplit {
 protected:
  PartEventsTest() {
    (void)make();
    for (const auto& shard : shards) events_.insert(events_.end(), shard.begin(), shard.end());
  }

  [[nodiscard]] PartEvents listed() const {
    return {folder / "train", read_manifest(folder / "train")};
  }

  std::vector<core::Event> events_;
};

std::uint64_t hash_of(const core::HitTable& hits) {
  return core::hash_places(hits.technology, hits.station_index, hits.station_eta, hits.station_phi,
                           hits.layer);
}

TEST_F(PartEventsTest, KeysAndHashesAreThoseOfTheEvents) {
  const PartEvents list = listed();
  EXPECT_FALSE(list.has_run_numbers());
  const std::vector<core::EventKey> keys = list.read_keys();
  ASSERT_EQ(keys.size(), events_.size());
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(keys[i].event_number, events_[i].header.event_number);
    EXPECT_EQ(keys[i].n_hits, events_[i].hits.size());
    all.push_back(i);
  }
  const auto hashes = list.hash_hits(all);
  ASSERT_EQ(hashes.size(), events_.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) EXPECT_EQ(hashes[i], hash_of(events_[i].hits));
  EXPECT_EQ(list.hash_hits({4}), std::vector<std::uint64_t>{hash_of(events_[4].hits)});
}

TEST_F(PartEventsTest, TensorsThatDoNotFitAreNamed) {
  const std::vector<std::uint64_t> numbers{1, 2, 3}, first{0, 1, 9, 5};
  const std::vector<std::uint8_t> bytes(5);
  const std::vector<data::NamedTensor> tensors{
      {"event_number", data::view_tensor(std::span(numbers), {3})},
      {"event_hits", data::view_tensor(std::span(first), {4})},
      {"technology", data::view_tensor(std::span(bytes), {5})}};
  data::write_safetensors(part("000000"), tensors);
  EXPECT_EQ(test::data_error([&] { (void)listed().read_keys(); }),
            part("000000").string() + ": the tensor 'event_hits' does not fit the others");
}

}  // namespace
}  // namespace stationhit::materialized
