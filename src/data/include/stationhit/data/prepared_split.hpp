// A prepared split as a stream of events.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_stream.hpp>
#include <stationhit/data/manifest.hpp>

namespace stationhit::data {

struct PreparedSplit {
  std::filesystem::path folder;
  SplitManifest manifest;

  [[nodiscard]] const Counts& counts() const { return manifest.counts; }
  [[nodiscard]] std::size_t n_shards() const { return manifest.shards.size(); }
  [[nodiscard]] std::filesystem::path shard_path(std::size_t shard) const {
    return folder / manifest.shards[shard].file;
  }
};

// Behind the message of a shard that is missing or damaged.
inline constexpr const char* make_shards_again =
    "; the same `stationhit prepare` into the same folder makes missing and damaged shards again";

// The result of `work`, which reads shards; a DataError of it gets make_shards_again as its end.
template <class Work>
auto say_how_to_make_shards(Work&& work) {
  try {
    return work();
  } catch (const core::DataError& error) {
    throw core::DataError(std::string(error.what()) + make_shards_again);
  }
}

// Opens one shard file: supplied by root_io (ShardReader).
using ShardOpener = std::function<std::unique_ptr<core::EventReader>(const std::filesystem::path&)>;

// Reads the manifest of a split folder ("data/train"). Throws DataError naming the file for a
// damaged manifest, a missing or empty shard, and counts that are not the sum of the shards.
[[nodiscard]] PreparedSplit open_split(const std::filesystem::path& folder);

enum class Verification { none, checksums };

// All events of a split, shard after shard; size() is known. With Verification::checksums, the
// content of every shard is compared with the checksums of the manifest while it streams: the call
// that reaches the end of a damaged shard throws DataError naming it. `split` must outlive the
// reader.
[[nodiscard]] std::unique_ptr<core::EventReader> read_split(
    const PreparedSplit& split, ShardOpener open,
    Verification verification = Verification::checksums);

// The same for the given shards, in this order.
[[nodiscard]] std::unique_ptr<core::EventReader> read_shards(
    const PreparedSplit& split, std::vector<std::size_t> shards, ShardOpener open,
    Verification verification = Verification::checksums);

// The events of one shard.
[[nodiscard]] std::unique_ptr<core::EventReader> read_shard(
    const PreparedSplit& split, std::size_t shard, const ShardOpener& open,
    Verification verification = Verification::checksums);

}  // namespace stationhit::data
