// The numbers of an evaluation as a program reads them.
#pragma once

#include <string>

#include <stationhit/evaluation/evaluation.hpp>

namespace stationhit::evaluation {

// The content of metrics.json (docs/metrics.md).
[[nodiscard]] std::string metrics_json(const EvaluationResult& result);

}  // namespace stationhit::evaluation
