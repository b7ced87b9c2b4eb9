// Settings that a subcommand does not read. The configuration of a run serves all subcommands, so a
// file has settings of others; one that is given on the command line is meant for this one.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <stationhit/config/run_config.hpp>

namespace stationhit::config {

// What a run configuration is read for.
enum class RunPurpose {
  statistics,       // stats
  materialization,  // prepare --materialize
  training,         // train
  test,
  exporting,     // export
  quantization,  // export -q
  pruning,       // prune
  study,
  search,        // tune
  documentation  // parameters -c
};

// Whether the setting of this key path is read for the purpose.
[[nodiscard]] bool is_read(RunPurpose purpose, std::string_view key);

// The arguments ("key.path=value") of settings that are not read, in their order.
[[nodiscard]] std::vector<std::string> find_unread(RunPurpose purpose,
                                                   std::span<const std::string> overrides);

}  // namespace stationhit::config
