// The distributions of a simulated sample beside the published ones. Only in builds with ROOT.
#pragma once

#include <vector>

#include <stationhit/plots/figure.hpp>
#include <stationhit/simulation/detector.hpp>
#include <stationhit/workflow/validation_sample.hpp>

namespace stationhit::workflow {

// Hits per event and per muon, muons per event, hits by technology, drift radius, rate by |eta|,
// origins of the background, and pT, eta, phi of the muons. The sample must have an event with a
// muon after the cuts.
[[nodiscard]] std::vector<plots::Figure> make_validation_figures(
    const ValidationSample& sample, const simulation::Detector& detector);

}  // namespace stationhit::workflow
