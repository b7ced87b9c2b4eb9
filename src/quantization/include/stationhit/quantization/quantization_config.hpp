// Settings of the int8 quantization and their allowed values. Header-only, because programs without
// ONNX Runtime read and check configurations too.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::quantization {

// Where the scales of the activations come from: calibration events, or the tensor at hand.
enum class QuantizationMethod { static_scales, dynamic_scales };
constexpr auto names_of(QuantizationMethod) {
  return std::to_array<std::string_view>({"static", "dynamic"});
}

// Range of an activation: from its smallest to its largest value, or without its tails.
enum class CalibrationRange { minmax, percentile };
constexpr auto names_of(CalibrationRange) {
  return std::to_array<std::string_view>({"minmax", "percentile"});
}

// The processor on which the model will run, whatever the one on which it is made.
enum class TargetCpu { any, vnni };
constexpr auto names_of(TargetCpu) { return std::to_array<std::string_view>({"any", "vnni"}); }

struct QuantizationConfig {
  QuantizationMethod method = QuantizationMethod::static_scales;
  CalibrationRange calibration = CalibrationRange::minmax;  // static only
  double percentile = 99.99;  // share of the values inside the range, in percent; percentile only
  std::int32_t calibration_events = 100;  // of the training split; static only
  // Of the validation split, on which the losses are measured.
  std::int32_t validation_events = 500;
  TargetCpu target_cpu = TargetCpu::any;
  double tolerance = 0.01;  // largest relative loss of purity, see scan.hpp
  // Linear layers (names of their weights) that stay float32 in any case.
  std::vector<std::string> keep_float = {};

  static void describe(auto& self, auto&& setting) {
    setting("method", self.method,
            "static: scales of the activations from calibration events; dynamic: from the tensor "
            "at hand, so that a score depends on what else is in the call");
    setting("calibration", self.calibration,
            "static: range of an activation from its smallest to its largest value, or without its "
            "tails");
    setting("percentile", self.percentile, "percentile: share of the values inside the range, %",
            core::between(50, 100));
    setting("calibration_events", self.calibration_events,
            "static: events of train_path for the ranges", core::at_least(1));
    setting("validation_events", self.validation_events,
            "Events of val_path on which the loss of purity is measured (the first 100 of them for "
            "each linear layer alone)",
            core::at_least(1));
    setting(
        "target_cpu", self.target_cpu,
        "Where the model will run: any = 15 bits for activation and weight together, which no x86 "
        "processor saturates on; vnni = 8 and 8, for processors with VNNI instructions only");
    setting("tolerance", self.tolerance,
            "Largest relative loss of purity (mean over hit efficiencies from the first to the "
            "last working point); the "
            "worst linear layers stay float32 until the rest is within it",
            core::between(0, 1));
    setting("keep_float", self.keep_float,
            "Linear layers (names of their weights) that stay float32 in any case");
  }
};

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const QuantizationConfig& config) {
  core::check_settings(config, "quantization");
}

}  // namespace stationhit::quantization
