// Deviations of the detector and its background from the default simulation (section `variation`).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <stationhit/core/settings.hpp>
#include <stationhit/core/technology.hpp>

namespace stationhit::simulation {

// A station layer by the name in core/technology.hpp, or none.
enum class MissingLayer { none, bi, bm, bo, ee, ei, em, eo };
constexpr auto names_of(MissingLayer) {
  return std::to_array<std::string_view>({"none", "BI", "BM", "BO", "EE", "EI", "EM", "EO"});
}

// What a model meets on a detector that differs from the one it was trained on. Written positions
// and errors stay those of the default detector, which is all that a reconstruction knows.
struct VariationConfig {
  double background_rate = 1;  // factor
  double dead_channels = 0;    // share
  MissingLayer missing_layer = MissingLayer::none;
  int missing_sector = 1;
  double chamber_shift = 0;      // mm
  double time_offset = 0;        // ns
  double resolution_factor = 1;  // of the drift radius
  std::uint64_t detector_seed = 0;

  static void describe(auto& self, auto&& setting) {
    setting("background_rate", self.background_rate,
            "Factor on the rates of the cavern background; pile-up muons and secondaries follow mu "
            "alone",
            core::at_least(0));
    setting("dead_channels", self.dead_channels,
            "Share of channels that are dead besides those of the default detector",
            core::between(0, 1));
    setting("missing_layer", self.missing_layer,
            "Station layer whose channels are all dead in missing_sector, on both sides");
    setting("missing_sector", self.missing_sector, "Sector of missing_layer",
            core::between(1, core::n_sectors));
    setting("chamber_shift", self.chamber_shift,
            "Standard deviation (mm) of the distance between true and written position of a "
            "chamber, along each of its three axes",
            core::between(0, 100));
    setting("time_offset", self.time_offset,
            "ns by which all signals are later (MDT: 1.28 TDC counts per ns and a larger drift "
            "radius); none for TGC",
            core::between(-1000, 1000));
    setting("resolution_factor", self.resolution_factor,
            "Factor on the resolution of the drift radius", core::at_least(0));
    setting(
        "detector_seed", self.detector_seed,
        "Chooses the dead channels, weak regions and chamber shifts, which all events share; 0 = "
        "those of the default detector");
  }
};

}  // namespace stationhit::simulation
