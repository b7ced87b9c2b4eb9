// From ntuples to a prepared set: selection, split, shards, manifests. Free of ROOT: the file
// formats are passed in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {

// What opening an input file tells.
struct InputSummary {
  std::uint64_t entries = 0;       // events
  std::uint64_t reader_bytes = 0;  // memory of a reader of this file
  core::SampleInfo sample;         // what the file says about its events; empty: nothing is known
};

// How input files and shards are read and written. Called from several threads, each with readers
// and writers of its own.
struct PrepareFormats {
  // Throws DataError for files that cannot be used.
  std::function<InputSummary(const std::filesystem::path&)> examine;
  // Run and event numbers of all entries; needed to split by event.
  std::function<std::vector<EventKey>(const std::filesystem::path&)> read_keys;
  // Entries [first, first + count) of a file, complete and in order, NaN and Inf included.
  std::function<std::unique_ptr<core::EventReader>(const std::filesystem::path&,
                                                   std::uint64_t first, std::uint64_t count)>
      open_input;
  // A shard: written aside, gets its name with close().
  std::function<std::unique_ptr<core::EventWriter>(const std::filesystem::path&)> create_shard;
  std::function<std::unique_ptr<core::EventReader>(const std::filesystem::path&)> open_shard;
  std::uint64_t writer_bytes = 0;  // memory of an open shard
  std::string shard_extension = ".root";
};

struct PrepareHooks {
  core::Logger log;
  std::function<void(std::uint64_t done, std::uint64_t total)>
      progress;                          // input events; may be empty; called under a lock
  std::function<bool()> stop_requested;  // may be empty; true: stop soon, a later call goes on
};

struct PrepareResult {
  Manifest manifest;
  bool was_complete = false;  // nothing was done: the folder already held this set
  std::uint64_t hits_read_now =
      0;  // hits read from input files by this call (less than in the manifest after a resume)
  unsigned threads = 0;  // that worked on the chunks
};

// Makes the set in config.output: folders train, val, test, train_small, val_small, test_small with
// shards and a manifest each, and a manifest.json of all, written last. Chunks of events_per_shard
// consecutive input events are worked on in parallel; each gives at most one shard per split, so
// that the result does not depend on threads. Memory: per thread one reader and its open shards,
// and no more threads work than memory_limit allows (said in the log); besides them the debug
// samples and, by event, 40 bytes per event while the split is drawn. A killed or stopped run is
// continued by the same call: finished chunks are in prepare.journal, their shards are read and
// compared with their checksums, everything else is made again. nullopt: stop_requested became
// true. Throws ConfigError for settings that contradict each other, DataError for: no input,
// unreadable input, NaN or Inf (unless skip_bad), all events failing the cuts (with counts), no
// event in the training split, an output folder that holds another set, a full disk.
[[nodiscard]] std::optional<PrepareResult> prepare(const PrepareConfig& config,
                                                   const PrepareFormats& formats,
                                                   const PrepareHooks& hooks = {});

}  // namespace stationhit::data
