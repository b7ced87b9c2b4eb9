// From a trained network to an ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/workflow/run_options.hpp>

namespace stationhit::workflow {

// What only the author knows; empty texts are "not stated" in the card.
struct CardTexts {
  std::string license = {}, intended_use = {}, limits = {};
};

struct ExportOptions {
  // Empty: model.onnx beside the checkpoint, with the interface edges model_edges.onnx, and so on.
  std::filesystem::path output = {};
  exporter::Interface interface = exporter::Interface::table;
  // Events of test_path (of val_path if there is none) on which the file is compared with the
  // network.
  std::uint64_t events = 10;
  CardTexts card = {};
};

struct ExportedModel {
  // `file` has the name that was asked for; in a debug run it is a temporary file, which is there
  // as long as this object and its copies.
  std::filesystem::path file, checkpoint;
  std::string architecture;
  std::map<std::string, float> thresholds;  // by working point
  // Between what runs files in this build and the network; empty in a build without inference.
  std::optional<metrics::LogitDifference> difference;
  std::shared_ptr<core::OutputFile> temporary;  // of a debug run
};

// Exports the checkpoint that `run` names (trained_network.hpp). The file gets its name after ONNX
// Runtime and the engine have given the logits of the network, or the engine alone in a build
// without ONNX Runtime; a build without inference logs a warning instead.
// Also logs what keeps a file of the interface edges from being a drop-in. An earlier file of this
// name is replaced, by a debug run it is not. If the observer asks to
// stop, there is no file and no result. Throws DataError, ConfigError, and core::Error (internal)
// if the logits differ.
[[nodiscard]] std::optional<ExportedModel> export_checkpoint(const config::RunConfig& run,
                                                             const ExportOptions& options,
                                                             const RunOptions& run_options,
                                                             const core::Observer& observer);

}  // namespace stationhit::workflow
