// One chunk of input events -> at most one shard per split.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/staged_event_writer.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/prepare_formats.hpp>

#include "prepare_journal.hpp"
#include "prepare_plan.hpp"
#include "small_samples.hpp"

namespace stationhit::data {

// The inputs that all chunks of a preparation share. Calls are thread-safe.
struct ChunkContext {
  const PrepareConfig& config;
  const PrepareFormats& formats;
  const PreparePlan& plan;
  SmallSamples& small;
  std::function<void(std::uint64_t)> events_done;  // number of further input events
  std::function<bool()> stop_requested;
  std::set<std::filesystem::path> only_shards = {};  // that are written; empty: all

  [[nodiscard]] std::filesystem::path shard_path(Split split, std::size_t chunk) const;
};

// The content of an input file is damaged.
class DamagedInput : public core::DataError {
 public:
  DamagedInput(std::size_t file, const std::string& reason)
      : core::DataError(reason), file_(file) {}
  [[nodiscard]] std::size_t file() const { return file_; }  // in the plan

 private:
  std::size_t file_;
};

// Where a chunk writes the events of a split.
[[nodiscard]] std::filesystem::path shard_path(const PrepareConfig& config,
                                               const PrepareFormats& formats, Split split,
                                               std::size_t chunk);

// Name of the shard that a chunk gives to a split.
[[nodiscard]] std::string shard_file_name(std::size_t chunk, const std::string& extension);

// The place of an event of this input file in the order in which debug samples are drawn.
[[nodiscard]] std::uint64_t rank_of(const core::Event& event, const std::string& input_file,
                                    std::uint64_t seed);

// A chunk whose shards are complete, but not under their names yet.
struct MadeChunk {
  ChunkResult result;
  std::vector<std::unique_ptr<core::StagedEventWriter>> shards;

  // Brings them to the disk and gives them their names. Throws DataError.
  void publish() const;
};

// Reads, selects and writes; events at the positions `repeated` (ascending) are left out. nullopt:
// stopped, nothing is left of this chunk. Throws DamagedInput where reading fails, DataError else.
[[nodiscard]] std::optional<MadeChunk> process_chunk(
    const ChunkContext& context, std::size_t chunk,
    const std::vector<std::uint32_t>& repeated = {});

// Reads the events and does nothing with them, as far as no stop is requested. Throws DamagedInput.
void check_chunk(const ChunkContext& context, const Chunk& chunk);

// Reads the shards that an earlier run finished, offers their events for the debug samples and
// compares the checksums. Throws DataError.
void revisit_chunk(const ChunkContext& context, std::size_t chunk, const ChunkResult& result);

}  // namespace stationhit::data
