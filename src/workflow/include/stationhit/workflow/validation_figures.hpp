// Figures of `simulate --validate`.
#pragma once

#include <vector>

#include <stationhit/plots/figure.hpp>
#include <stationhit/simulation/detector.hpp>

#include "simulate/validation_sample.hpp"

namespace stationhit::app {

[[nodiscard]] std::vector<plots::Figure> validation_figures(const ValidationSample& sample,
                                                            const simulation::Detector& detector);

}  // namespace stationhit::app
