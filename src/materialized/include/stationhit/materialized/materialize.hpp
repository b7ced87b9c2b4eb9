// Turns a prepared split into a materialized one: the network inputs of every event, ready to be
// mapped into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include <stationhit/core/logger.hpp>
#include <stationhit/data/pieces.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/materialized/manifest.hpp>

namespace stationhit::materialized {

struct Hooks {
  core::Logger log;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // events; may be empty
  std::function<bool()> stop_requested;  // may be empty; true: stop soon, a later call goes on
};

// How the parts of a split are divided among calls.
struct Jobs {
  std::optional<data::Piece> piece = {};  // only its parts are made, and no manifest
  data::MissingWork missing = data::MissingWork::make;
  std::size_t pieces = 0;  // that are merged, for messages; 0: unknown
};

// Writes one part per shard of `source` and, last, the manifest into `folder`. Events of a shard
// are worked on by `threads` threads (>= 1); the files do not depend on it. A part is in memory
// until it is written. Parts that an earlier call left are kept if their content matches their
// checksum and made again otherwise. nullopt: stop_requested became true. Throws ConfigError
// (settings), DataError: a damaged shard, parts or other files in the folder that were not made
// from these events with these settings, parts that are missing and may not be made, a full disk.
// With a piece the result has its parts alone; calls with other pieces may run at the same time.
[[nodiscard]] std::optional<Manifest> materialize(const data::PreparedSplit& source,
                                                  const data::ShardOpener& open,
                                                  const Settings& settings,
                                                  const std::filesystem::path& folder,
                                                  unsigned threads, const Hooks& hooks = {},
                                                  const Jobs& jobs = {});

}  // namespace stationhit::materialized
