// What the bodies of requests share.
#pragma once

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

namespace stationhit::tracking {

// JSON has no numbers for these: both services read the texts "NaN", "Infinity", "-Infinity".
[[nodiscard]] inline nlohmann::json json_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

// On one line; bytes that are not UTF-8, as names of files may have, are replaced.
[[nodiscard]] inline std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace stationhit::tracking
