// Settings of the int8 quantization and their allowed values. Header-only, because programs without
// ONNX Runtime read and check configurations too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/settings.hpp>

namespace stationhit::quantization {

struct QuantizationConfig {
  std::string method = "static";       // static | dynamic
  std::string calibration = "minmax";  // minmax | percentile; static only
  double percentile = 99.99;  // share of the values inside the range, in percent; percentile only
  std::int32_t calibration_events = 100;  // of the training split; static only
  std::int32_t validation_events =
      500;  // of the validation split, on which the losses are measured
  std::string target_cpu =
      "any";  // any | vnni: where the model will run, whatever the machine that makes it
  double tolerance = 0.01;  // largest relative loss of purity, see scan.hpp
  std::vector<std::string> keep_float =
      {};  // products (names of their weights) that stay float32 in any case

  static void describe(auto& self, auto&& setting) {
    setting("method", self.method,
            "static: scales of the activations from calibration events; dynamic: from the tensor "
            "at hand, so that a score depends on what else is in the call",
            core::one_of({"static", "dynamic"}));
    setting("calibration", self.calibration,
            "static: range of an activation from its smallest to its largest value, or without its "
            "tails",
            core::one_of({"minmax", "percentile"}));
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
        "processor saturates on; vnni = 8 and 8, for processors with VNNI instructions only",
        core::one_of({"any", "vnni"}));
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
