// Float32 file -> int8 file: calibrate, scan, rewrite, and say in the metadata how it was done.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/features/labelled_events.hpp>
#include <stationhit/quantization/quantization_config.hpp>
#include <stationhit/quantization/scan.hpp>

namespace stationhit::quantization {

struct QuantisedModel {
  std::string content;  // of the ONNX file
  ScanResult scan;
};

// model: float32 file. calibration: events of the training split; validation: of the validation
// split; both with the features and the graph of the model. The result is the same for the same
// events and settings, whatever the number of threads. proceed: as in scan; nothing is returned
// where it says no. Throws DataError: not a model of ours (HitClassifier), a quantised or
// unsuitable one (find_products), events that do not serve (calibrate, Validation), or no product
// that stays within the tolerance; ConfigError for names in keep_float that the model has not.
[[nodiscard]] std::optional<QuantisedModel> quantise_model(
    const std::filesystem::path& model, std::vector<features::LabelledEvent> calibration,
    std::vector<features::LabelledEvent> validation, const QuantizationConfig& config,
    unsigned threads, const Proceed& proceed = {});

// The scan for a terminal. Several lines, each ended.
[[nodiscard]] std::string scan_table(const ScanResult& scan);

}  // namespace stationhit::quantization
