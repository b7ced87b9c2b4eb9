// Estimates in the JSON files. Private to the module; apart from outputs.hpp because few sources
// need the JSON library.
#pragma once

#include <nlohmann/json.hpp>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {

// Adds {"value", "low", "high"} under the key of each quantity. JSON has no NaN and no infinity:
// both become null.
void add_estimates(nlohmann::ordered_json& json, const Estimates& estimates);

}  // namespace stationhit::evaluation
