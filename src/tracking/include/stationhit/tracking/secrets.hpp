// What must never appear in messages and files: the keys and passwords that trackers take from the
// environment.
#pragma once

#include <string>

namespace stationhit::tracking {

// The text with the name of the variable, <COMET_API_KEY>, in the place of every value of the
// environment variables that hold secrets.
[[nodiscard]] std::string without_secrets(std::string text);

}  // namespace stationhit::tracking
