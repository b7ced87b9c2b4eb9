#include "training_curves.hpp"

#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::workflow {

std::vector<evaluation::TrainingCurve> training_curves() {
  using Scale = evaluation::TrainingCurve::Scale;
  const auto scale_of = [](training::EpochScale scale) {
    if (scale == training::EpochScale::linear) return Scale::linear;
    return scale == training::EpochScale::logarithmic ? Scale::logarithmic : Scale::distance_to_one;
  };
  std::vector<evaluation::TrainingCurve> curves;
  for (const training::EpochMetric& metric : training::epoch_metrics) {
    const training::EpochCurve& curve = metric.curve;
    if (curve.figure != nullptr)
      curves.push_back(
          {metric.name, curve.figure, curve.axis_title, curve.label, scale_of(curve.scale)});
  }
  return curves;
}

}  // namespace stationhit::workflow
