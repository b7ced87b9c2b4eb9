// From a float32 file to an int8 file: calibrates, scans, rewrites, and records the settings in the
// metadata.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/features/labeled_events.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/quantization/quantization_config.hpp>
#include <stationhit/quantization/scan.hpp>
#include <stationhit/quantization/scoring_backend.hpp>

namespace stationhit::quantization {

struct QuantizedModel {
  std::string content;  // of the ONNX file
  ScanResult scan;
  inference::Backend backend;  // that scored the events, see choose_backend
};

struct QuantizationHooks {
  Proceed proceed = {};  // see scan
  core::Logger log = {};
};

// `model` is a float32 file; one that was edited after it was exported is taken if `changed_model`
// says so, and the int8 file then has a checksum of its own. `calibration` are events of the
// training split and `validation` events of the validation split, both with the features and the
// graph of the model. The result depends only on the events and settings, not on the number of
// threads. If `proceed` returns false, the result is empty. Throws DataError for a model
// that HitClassifier or find_linear_layers refuses, for events that calibrate or Validation
// refuses, and if no layer stays within the tolerance; throws ConfigError for names in keep_float
// that the model does not have.
[[nodiscard]] std::optional<QuantizedModel> quantize_model(
    const std::filesystem::path& model, std::vector<features::LabeledEvent> calibration,
    std::vector<features::LabeledEvent> validation, const QuantizationConfig& config,
    unsigned threads, const QuantizationHooks& hooks = {},
    onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse);

// The scan as text for a terminal, several lines that all end in a newline.
[[nodiscard]] std::string scan_table(const ScanResult& scan);

}  // namespace stationhit::quantization
