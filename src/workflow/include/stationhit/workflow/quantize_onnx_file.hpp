// An int8 file made of a float32 ONNX file, and what it costs and brings. Only in builds with ONNX
// Runtime.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/quantization/scan.hpp>
#include <stationhit/workflow/run_options.hpp>

namespace stationhit::workflow {

struct QuantizeOptions {
  std::filesystem::path model;  // float32 file
  // For both files, table and figures; made if missing. Empty: onnx_benchmarking, for a model of
  // the interface edges onnx_benchmarking_edges, beside the model.
  std::filesystem::path folder = {};
  std::uint64_t latency_events = 50;  // of the test split, on which both models are timed
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
};

struct QuantizedFile {
  quantization::ScanResult scan;
  evaluation::Comparison comparison;
  // <stem of the model>.int8.onnx; empty in a debug run, which writes nothing.
  std::filesystem::path file;
};

// Quantizes the model by run.quantization with events of train_path and val_path, sets the
// thresholds of the int8 file by the scores that it gives to the whole validation split, scores the
// test split with both models, times both in turn, and writes the folder. Logs a warning where int8
// loses more purity than run.quantization.tolerance. Files of an earlier call in the folder are
// replaced. A debug run takes a few events. Nothing is written and the result is empty if the
// observer asks to stop. Throws DataError, ConfigError.
[[nodiscard]] std::optional<QuantizedFile> quantize_onnx_file(const config::RunConfig& run,
                                                              const QuantizeOptions& options,
                                                              const RunOptions& run_options,
                                                              const core::Observer& observer);

}  // namespace stationhit::workflow
