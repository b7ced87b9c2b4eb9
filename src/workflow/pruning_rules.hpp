// When the pruned networks that an earlier call left may be taken instead of made again.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/workflow/train.hpp>

namespace stationhit::workflow {

// Whether a setting decides what a step of the pruning gives before it is tested.
[[nodiscard]] bool decides_pruning(const std::string& key);

// Names the weights of a checkpoint, whatever else is in the file.
[[nodiscard]] std::string identify_weights(const std::filesystem::path& checkpoint);

// Writes into the metadata of a pruned network what decided it. `parent` is the checkpoint that it
// was made of.
void record_pruning(training::CheckpointMetadata& pruned, const config::RunConfig& run,
                    const Splits& splits, const std::filesystem::path& parent);

// Throws ConfigError naming the file and the settings that differ with both values if the network
// of an earlier call was pruned in another way. Logs a warning for a file that does not say how it
// was made.
void require_same_pruning(const std::filesystem::path& pruned, const config::RunConfig& run,
                          const Splits& splits, const core::Logger& log);

// Throws ConfigError naming both files if it was made of another network.
void require_same_parent(const std::filesystem::path& pruned, const std::filesystem::path& parent);

}  // namespace stationhit::workflow
