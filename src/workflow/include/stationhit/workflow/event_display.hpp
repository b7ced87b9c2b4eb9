// One event in three projections. Only in builds with ROOT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::workflow {

// The cut of infer that the hits of an event passed or not.
struct DisplayedCut {
  std::string name;                     // "working point 0.99", "logit > 1.5"
  std::vector<std::uint8_t> kept = {};  // one per hit; empty: the event has only the kept hits
};

// Figures event_xy_barrel, event_xy_end_cap, event_zy and event_zx: every hit is its element from
// the low edge to the high edge in m, background gray, each muon a color. A meter is equally long
// on both axes. With a cut, hits that it rejected are series of their own.
[[nodiscard]] std::vector<plots::Figure> make_event_display(
    const core::Event& event, const std::optional<DisplayedCut>& cut = std::nullopt);

}  // namespace stationhit::workflow
