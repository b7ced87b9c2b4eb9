// The part of `export` that -q asks for. The build links export_int8.cpp or, without ONNX Runtime,
// export_int8_left_out.cpp.
#pragma once

#include <cstdint>
#include <filesystem>

#include <stationhit/config/run_config.hpp>
#include <stationhit/onnx_file/model_file.hpp>

#include "frame/program.hpp"

namespace stationhit::app {

// Throws UsageError if this build cannot make int8 files.
void require_int8_support();

struct Int8Options {
  std::filesystem::path model;  // float32 file
  std::uint64_t latency_events = 50;
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
};

// Makes and compares an int8 file of the model in a folder beside it (in the current folder
// for models of the library), and prints the results.
void export_int8(const Program& program, const config::RunConfig& run, const Int8Options& options);

}  // namespace stationhit::app
