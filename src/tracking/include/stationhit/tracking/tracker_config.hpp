// Which trackers a configuration may name. Header only.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>

namespace stationhit::tracking {

[[nodiscard]] inline std::vector<std::string> known_trackers() { return {"tensorboard", "mlflow"}; }

// Throws ConfigError if a tracker is listed twice: it would record everything twice.
inline void check_trackers(const std::vector<std::string>& trackers) {
  for (auto name = trackers.begin(); name != trackers.end(); ++name) {
    if (std::find(trackers.begin(), name, *name) != name)
      throw core::ConfigError("trackers has " + *name + " twice, list it once");
  }
}

}  // namespace stationhit::tracking
