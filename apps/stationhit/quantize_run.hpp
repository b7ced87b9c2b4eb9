// The work of export -q: an int8 file, and what it costs and brings.
#pragma once

#include <cstdint>
#include <filesystem>

#include <stationhit/config/run_config.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Quantizes the float32 file `model` by run.quantization with events of train_path and val_path,
// sets the thresholds of the int8 file by the scores that it gives to the whole validation split,
// scores the test split with both, measures both in turn on the first latency_events of it and
// writes both files, table and figures into `folder`. A debug run uses a few events and writes
// nothing; a stopped one writes nothing either. Throws DataError, ConfigError.
void quantize_and_compare(const Program& program, const config::RunConfig& run,
                          const std::filesystem::path& model, const std::filesystem::path& folder,
                          std::uint64_t latency_events);

}  // namespace stationhit::app
