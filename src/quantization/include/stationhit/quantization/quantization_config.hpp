// Settings of the int8 quantization and their allowed values. Header-only, because programs without
// ONNX Runtime read and check configurations too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/setting_rule.hpp>

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
};

namespace rules {
inline const core::SettingRule method = core::one_of({"static", "dynamic"});
inline const core::SettingRule calibration = core::one_of({"minmax", "percentile"});
inline const core::SettingRule percentile = core::between(50, 100);
inline const core::SettingRule events = core::at_least(1);
inline const core::SettingRule target_cpu = core::one_of({"any", "vnni"});
inline const core::SettingRule tolerance = core::between(0, 1);
}  // namespace rules

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const QuantizationConfig& config) {
  core::require("quantization.method", config.method, rules::method);
  core::require("quantization.calibration", config.calibration, rules::calibration);
  core::require("quantization.percentile", config.percentile, rules::percentile);
  core::require("quantization.calibration_events", config.calibration_events, rules::events);
  core::require("quantization.validation_events", config.validation_events, rules::events);
  core::require("quantization.target_cpu", config.target_cpu, rules::target_cpu);
  core::require("quantization.tolerance", config.tolerance, rules::tolerance);
}

}  // namespace stationhit::quantization
