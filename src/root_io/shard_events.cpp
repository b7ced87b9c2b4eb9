#include <algorithm>
#include <string>

#include <ROOT/RNTupleView.hxx>

#include <stationhit/root_io/shard_events.hpp>

#include "open_shard.hpp"

namespace stationhit::root_io {
namespace {

void append_keys(ROOT::RNTupleReader& shard, std::vector<core::EventKey>& keys) {
  auto run = shard.GetView<std::uint32_t>("runNumber");
  auto event = shard.GetView<std::uint64_t>("eventNumber");
  auto hits = shard.GetCollectionView("spacePoint_technology");
  for (std::uint64_t entry = 0; entry < shard.GetNEntries(); ++entry)
    keys.push_back({event(entry), run(entry), static_cast<std::uint32_t>(hits(entry))});
}

// The columns of hash_places.
class PlaceColumns {
 public:
  explicit PlaceColumns(ROOT::RNTupleReader& shard)
      : technology_(view<std::uint8_t>(shard, "technology")),
        station_index_(view<std::uint8_t>(shard, "stationIndex")),
        station_eta_(view<std::int8_t>(shard, "stationEta")),
        station_phi_(view<std::uint8_t>(shard, "stationPhi")),
        layer_(view<std::uint8_t>(shard, "layer")) {}

  std::uint64_t hash(std::uint64_t entry) {
    return core::hash_places(technology_(entry), station_index_(entry), station_eta_(entry),
                             station_phi_(entry), layer_(entry));
  }

 private:
  template <class T>
  using View = ROOT::RNTupleView<std::vector<T>>;
  template <class T>
  static View<T> view(ROOT::RNTupleReader& shard, const std::string& column) {
    return shard.GetView<std::vector<T>>("spacePoint_" + column);
  }

  View<std::uint8_t> technology_, station_index_;
  View<std::int8_t> station_eta_;
  View<std::uint8_t> station_phi_, layer_;
};

}  // namespace

ShardEvents::ShardEvents(std::vector<std::filesystem::path> shards) : shards_(std::move(shards)) {}

std::vector<core::EventKey> ShardEvents::read_keys() const {
  std::vector<core::EventKey> keys;
  for (const auto& path : shards_) {
    const auto shard = open_shard(path);
    guarded(path, [&] { append_keys(*shard, keys); });
  }
  return keys;
}

std::vector<std::uint64_t> ShardEvents::hash_hits(const std::vector<std::uint64_t>& events) const {
  std::vector<std::uint64_t> hashes;
  std::uint64_t first = 0;  // of the shard
  auto next = events.begin();
  for (const auto& path : shards_) {
    if (next == events.end()) break;
    const auto shard = open_shard(path);
    const std::uint64_t end = first + shard->GetNEntries();
    guarded(path, [&] {
      PlaceColumns places(*shard);
      for (; next != events.end() && *next < end; ++next)
        hashes.push_back(places.hash(*next - first));
    });
    first = end;
  }
  return hashes;
}

}  // namespace stationhit::root_io
