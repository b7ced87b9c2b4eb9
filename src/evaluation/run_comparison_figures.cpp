// One curve per run on the axes of the figures of a single evaluation, so that pages can be laid
// side by side. A run keeps its color in all figures: one without a curve takes its place.
#include <algorithm>

#include <stationhit/core/text.hpp>

#include "figure_sets.hpp"

namespace stationhit::evaluation {
namespace {

using metrics::Counts;

plots::Figure overlay(const RunComparison& comparison, plots::Figure figure, Ratio x, Ratio y,
                      double low, double high) {
  for (const ComparedRun& run : comparison.runs) {
    figure.series.push_back(curve(run.curve, x, y, low, high));
    figure.series.back().label = run.name;
  }
  return figure;
}

// The curve of one run, for whose epochs the axis of `all` is made wide enough; without points
// where its table has no such column.
plots::Series training_curve_of(plots::Figure& all, const ComparedRun& run,
                                const TrainingCurve& curve) {
  const auto figures = training_figures(run.folder / "metrics.csv", {&curve, 1});
  if (figures.empty()) return {.label = run.name};
  const plots::Figure& figure = figures.front().figure;
  auto& range = all.x.range;
  const auto epochs = *figure.x.range;
  range = range ? std::pair{std::min(range->first, epochs.first),
                            std::max(range->second, epochs.second)}
                : epochs;
  plots::Series series = figure.series.front();
  series.label = run.name;
  return series;
}

CaptionedFigure draw_training(const RunComparison& comparison, const TrainingCurve& curve) {
  CaptionedFigure all;
  all.figure.stem = curve.figure;
  all.figure.x = {"Epoch"};
  all.figure.x.whole_numbers = true;
  all.figure.y = {curve.axis_title, std::nullopt, curve.scale != TrainingCurve::Scale::linear};
  all.caption = curve.axis_title + " by epoch.";
  for (const ComparedRun& run : comparison.runs)
    all.figure.series.push_back(training_curve_of(all.figure, run, curve));
  return all;
}

}  // namespace

std::vector<CaptionedFigure> run_performance_figures(const RunComparison& comparison) {
  const auto& points = comparison.runs.front().results.working_points;
  std::vector<double> shares;
  for (const TestedPoint& point : points) shares.push_back(point.working_point);
  const auto wide = with_point(wide_efficiencies, shares.front());
  const auto near = with_point(near_efficiencies, metrics::reference_point_of(shares));
  return {{overlay(comparison, empty_roc(), &Counts::background_efficiency, &Counts::efficiency,
                   least_background_efficiency, 1.0),
           "Hit efficiency against background efficiency at all thresholds (ROC curve)."},
          {overlay(comparison, empty_rejection(wide), &Counts::efficiency, &Counts::rejection,
                   wide.first, wide.second),
           "Background rejection against hit efficiency."},
          {overlay(comparison, empty_purity(near), &Counts::efficiency, &Counts::purity, near.first,
                   near.second),
           "Purity of the kept hits against hit efficiency."}};
}

std::vector<CaptionedFigure> run_training_figures(const RunComparison& comparison) {
  std::vector<CaptionedFigure> figures;
  for (const TrainingCurve& curve : comparison.training_curves) {
    CaptionedFigure captioned = draw_training(comparison, curve);
    if (captioned.figure.x.range) figures.push_back(std::move(captioned));
  }
  return figures;
}

}  // namespace stationhit::evaluation
