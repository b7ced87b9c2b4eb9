// The curves of a training for figures, from the one list of epoch metrics.
#pragma once

#include <vector>

#include <stationhit/evaluation/report.hpp>

namespace stationhit::workflow {

[[nodiscard]] std::vector<evaluation::TrainingCurve> training_curves();

}  // namespace stationhit::workflow
