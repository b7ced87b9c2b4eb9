// All chunks of a preparation, side by side; those that an earlier call finished are taken over.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/prepare_formats.hpp>
#include <stationhit/data/prepare_hooks.hpp>

#include "damage_record.hpp"
#include "prepare_journal.hpp"
#include "prepare_plan.hpp"
#include "small_samples.hpp"

namespace stationhit::data {

struct ChunkResults {
  std::vector<ChunkResult> chunks;  // by number
  std::uint64_t hits_read = 0;      // from input files, without the chunks that were taken over
};

// Chunks first to end - 1 of the plan.
struct ChunkRange {
  std::size_t first = 0, end = 0;
};

// Writes the shards of the chunks of the range, enters every finished one into the journal and
// offers its events for the debug samples. Results of chunks beyond the range are empty. Nothing:
// hooks.stop_requested became true, or input files turned out to be damaged, which are in the
// record then (DamageRecord::known() is longer than it was): the plan is void. Throws DataError.
[[nodiscard]] std::optional<ChunkResults> process_chunks(
    const PrepareConfig& config, const PrepareFormats& formats, const PreparePlan& plan,
    const ChunkRange& range, PrepareJournal& journal, SmallSamples& small, DamageRecord& damage,
    const PrepareHooks& hooks);

}  // namespace stationhit::data
