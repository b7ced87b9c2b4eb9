// The part of `export` that -q asks for. The build links export_int8.cpp or, without ONNX Runtime,
// export_int8_left_out.cpp.
#pragma once

#include <cstdint>
#include <filesystem>

#include <stationhit/config/run_config.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Throws UsageError if this build cannot make int8 files.
void require_int8_support();

// Makes and compares an int8 file of the float32 file `model` in `folder`, and prints the results.
void export_int8(const Program& program, const config::RunConfig& run,
                 const std::filesystem::path& model, const std::filesystem::path& folder,
                 std::uint64_t latency_events);

}  // namespace stationhit::app
