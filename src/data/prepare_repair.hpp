// A finished set whose files were lost or damaged since: what is missing is made again.
#pragma once

#include <optional>

#include <stationhit/data/prepare.hpp>

#include "prepare_plan.hpp"

namespace stationhit::data {

// Reads all shards of the set that `manifest` describes and compares them with its checksums.
// Shards and manifests of splits that are missing or damaged are made again, each with a warning
// that names it; everything else stays as it is. nullopt: stop_requested became true. Throws
// DataError for a manifest of a split that differs from that of the set, and for a shard that the
// input files do not give again.
[[nodiscard]] std::optional<PrepareResult> check_and_repair_set(const PrepareConfig& config,
                                                                const PrepareFormats& formats,
                                                                const PrepareHooks& hooks,
                                                                const PreparePlan& plan,
                                                                Manifest manifest);

}  // namespace stationhit::data
