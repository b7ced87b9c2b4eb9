// The comparison of an exported file with its network. The build links exported_file_check.cpp or,
// without inference, exported_file_check_left_out.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/training/checkpoint.hpp>

namespace stationhit::workflow {

// On the first max_events events of run.test_path, or of run.val_path if there is none; fewer if
// the observer asks to stop. Without inference only a warning in the log. Throws DataError,
// ConfigError naming config_file.
[[nodiscard]] std::optional<metrics::LogitDifference> check_exported_file(
    const std::filesystem::path& model, const training::LoadedNetwork& loaded,
    const config::RunConfig& run, std::uint64_t max_events,
    const std::filesystem::path& config_file, const core::Observer& observer);

}  // namespace stationhit::workflow
