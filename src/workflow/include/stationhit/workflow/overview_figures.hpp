#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/overview_sample.hpp>

namespace stationhit::workflow {

// Figures of a sample with at least one event. `process_names`: by mcChannelNumber; others are
// called by their number. Quantities that the sample does not have are left out.
[[nodiscard]] std::vector<plots::Figure> make_overview_figures(
    const OverviewSample& sample, const std::map<std::uint32_t, std::string>& process_names);

}  // namespace stationhit::workflow
