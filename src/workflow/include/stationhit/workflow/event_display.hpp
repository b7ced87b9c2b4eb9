// One event in three projections. Only in builds with ROOT.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::workflow {

// Figures event_xy_barrel, event_xy_end_cap, event_zy and event_zx: every hit is its element from
// the low edge to the high edge in m, background gray, each muon a color.
[[nodiscard]] std::vector<plots::Figure> make_event_display(const core::Event& event);

}  // namespace stationhit::workflow
