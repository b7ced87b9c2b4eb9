// Makes a prepared set from ntuples: selection, split, shards, manifests. Free of ROOT: the file
// formats are passed in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <stationhit/data/manifest.hpp>
#include <stationhit/data/pieces.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/prepare_formats.hpp>
#include <stationhit/data/prepare_hooks.hpp>

namespace stationhit::data {

struct PrepareResult {
  Manifest manifest;
  bool was_complete = false;  // nothing was done: the folder already held this set
  std::uint64_t hits_read_now =
      0;  // hits read from input files by this call (less than in the manifest after a resume)
  unsigned threads = 0;                                // that worked on the chunks
  std::vector<std::filesystem::path> made_again = {};  // damaged shards of a complete set
};

// Makes the set in config.output: folders train, val, test, train_small, val_small, test_small with
// shards and a manifest each, and a manifest.json of all, written last. Chunks of events_per_shard
// consecutive input events are worked on in parallel; each gives at most one shard per split, so
// that the result does not depend on threads. Memory: per thread one reader and its open shards,
// and no more threads work than memory_limit allows (said in the log); besides them the debug
// samples, 32 bytes per event to find repeated ones and, by event, 40 bytes per event while the
// split is drawn. A killed or stopped run is continued by the same call: finished chunks are in
// prepare.journal, their shards are read and compared with their checksums, everything else is
// made again. What pieces have finished (prepare_piece) is taken over in the same way. Shards and
// split manifests of a complete set that are missing or damaged are made
// again, too. Inputs that formats.policy leaves out are warned of and listed in the manifest of the
// set and its splits, with "damaged" or "duplicate" as their split. nullopt: stop_requested became
// true. Throws ConfigError for settings that contradict each other, DataError for: no input,
// unreadable input, NaN or Inf (unless skip_bad), all events failing the cuts (with counts), no
// event in the training split, an event that the inputs hold twice (unless the policy keeps one),
// an output folder that holds another set, a full disk.
[[nodiscard]] std::optional<PrepareResult> prepare(const PrepareConfig& config,
                                                   const PrepareFormats& formats,
                                                   const PrepareHooks& hooks = {},
                                                   MissingWork missing = MissingWork::make);

struct PieceResult {
  bool set_is_complete = false;  // nothing was done: the folder already holds the whole set
  std::size_t chunks = 0;        // of the piece
  InputCounts input = {};        // of its chunks
  std::uint64_t hits_read_now = 0;
  unsigned threads = 0;
};

// Makes the shards of one piece of the chunks in config.output, which the jobs of the other pieces
// write into as well, now or later, on this machine or another one; all have the same settings and
// inputs. Everything is as in prepare, but no manifest is written: prepare does that when all
// pieces are there, and its set is the one that it makes without pieces. Throws DataError also
// while another program makes the same piece or the whole set, and for a folder with pieces of
// another number.
[[nodiscard]] std::optional<PieceResult> prepare_piece(const PrepareConfig& config,
                                                       const PrepareFormats& formats,
                                                       const Piece& piece,
                                                       const PrepareHooks& hooks = {});

// Warns of input files that lack branches, and of those that are read as far as they go.
void warn_of_incomplete_inputs(const Provenance& provenance, const core::Logger& log);

}  // namespace stationhit::data
