// Makes the manifest of the set from the results of its chunks.
#pragma once

#include <vector>

#include <stationhit/data/manifest.hpp>
#include <stationhit/data/prepare_config.hpp>

#include "prepare_journal.hpp"
#include "prepare_plan.hpp"

namespace stationhit::data {

// The manifest without the debug samples. results: by the number of the chunk.
[[nodiscard]] Manifest make_manifest(const PreparePlan& plan,
                                     const std::vector<ChunkResult>& results);

// Throws DataError that says which cut dropped how many events if none was kept, and if the
// training split got none.
void require_events(const Manifest& manifest);

}  // namespace stationhit::data
