// One event in three projections.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::app {

// x-y of the barrel and of the end-cap, z-y, z-x; every hit is its element from the low edge to the
// high edge, background gray, each muon a color.
[[nodiscard]] std::vector<plots::Figure> event_display(const core::Event& event);

}  // namespace stationhit::app
