// Where a run directory has its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace stationhit::training {

inline constexpr const char* best_checkpoint_name = "best.safetensors";

// To continue from.
[[nodiscard]] inline std::filesystem::path last_checkpoint(
    const std::filesystem::path& run_directory) {
  return run_directory / "checkpoints" / "last.safetensors";
}

// To use.
[[nodiscard]] inline std::filesystem::path best_checkpoint(
    const std::filesystem::path& run_directory) {
  return run_directory / "checkpoints" / best_checkpoint_name;
}

// Of an epoch that the callback keep_best keeps.
[[nodiscard]] std::filesystem::path epoch_checkpoint(const std::filesystem::path& run_directory,
                                                     std::int32_t epoch);
// The epoch of such a file; nothing for a file with another name.
[[nodiscard]] std::optional<std::int32_t> epoch_of_checkpoint(const std::filesystem::path& file);

// The run of the first stage of a network of two stages.
[[nodiscard]] inline std::filesystem::path first_stage_directory(
    const std::filesystem::path& run_directory) {
  return run_directory / "first_stage";
}

}  // namespace stationhit::training
