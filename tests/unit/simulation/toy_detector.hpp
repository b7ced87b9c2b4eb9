// The detector of the default geometry, made once for the tests of a program.
#pragma once

#include <algorithm>
#include <cstdint>

#include <stationhit/simulation/detector.hpp>

namespace stationhit::simulation {

inline const Detector& detector() {
  static const Detector instance(default_geometry());
  return instance;
}

// Number of the first chamber of a technology.
inline std::uint32_t chamber_of(core::Technology technology) {
  const auto chambers = detector().chambers();
  const auto found = std::find_if(chambers.begin(), chambers.end(),
                                  [&](const Chamber& c) { return c.technology == technology; });
  return static_cast<std::uint32_t>(found - chambers.begin());
}

}  // namespace stationhit::simulation
