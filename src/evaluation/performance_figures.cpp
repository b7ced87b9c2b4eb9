// All curves come from the same operating points. The ranges shown are those of published results,
// so that figures can be compared by eye.
#include <algorithm>
#include <cmath>
#include <limits>

#include <stationhit/core/text.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using metrics::Counts;
constexpr std::uint64_t min_signal_hits_shown = 10;  // purity of fewer kept hits jumps up and down

// Operating points that keep enough signal hits for a purity, and the share of them that the other
// figures show: the axis would otherwise belong to a handful of hits, with all working points at
// its end.
std::vector<metrics::CurvePoint> measured_purity(std::vector<metrics::CurvePoint> points,
                                                 double least_efficiency) {
  std::erase_if(points, [least_efficiency](const metrics::CurvePoint& point) {
    return point.counts.true_positives < min_signal_hits_shown ||
           point.counts.efficiency() < least_efficiency;
  });
  return points;
}

// With `only`, the mark of that working point alone: the others lie outside the shown range.
plots::Series working_point_marks(const EvaluationResult& result, Ratio x, const std::string& y,
                                  double only = 0.0) {
  plots::Series series{
      .label = only > 0.0 ? "Working point " + core::to_text(only) : "Working points",
      .draw = plots::Draw::points};
  for (const WorkingPointResult& point : result.working_points) {
    if (only > 0.0 && point.working_point != only) continue;
    const Estimate& estimate = point.estimates[y];
    series.x.push_back((point.kept.hits.*x)());
    series.y.push_back(estimate.value);
    series.y_low.push_back(estimate.interval.low);
    series.y_high.push_back(estimate.interval.high);
    series.n.push_back(static_cast<double>(point.kept.hits.kept()));
  }
  return series;
}

plots::Figure empty_figure(const std::string& stem, const plots::Axis& x, const plots::Axis& y) {
  plots::Figure figure;
  figure.stem = stem;
  figure.x = x;
  figure.y = y;
  return figure;
}

// Hits that a first stage dropped have no logits worth showing.
bool is_among_dropped(const EvaluationResult& result, float threshold) {
  return result.dropped_ceiling && threshold <= *result.dropped_ceiling;
}

// The thresholds of a scan: up to the one that keeps next to nothing, and as far below the lowest
// of the working points, or all where none of them is shown.
std::pair<double, double> scanned_thresholds(const EvaluationResult& result,
                                             const std::vector<metrics::CurvePoint>& points) {
  constexpr double least_kept = 0.005;
  const auto highest = std::ranges::find_if(points, [](const metrics::CurvePoint& point) {
    return point.counts.efficiency() >= least_kept &&
           point.counts.true_positives >= min_signal_hits_shown;
  });
  const double high = highest == points.end() ? result.reference_threshold : highest->threshold;
  double low = high;
  for (const WorkingPointResult& point : result.working_points)
    if (!is_among_dropped(result, point.threshold)) low = std::min<double>(low, point.threshold);
  return {low < high ? low - (high - low) : -std::numeric_limits<double>::infinity(), high};
}

CaptionedFigure make_threshold_scan(const EvaluationResult& result,
                                    const std::vector<metrics::CurvePoint>& points) {
  const auto [low, high] = scanned_thresholds(result, points);
  plots::Series efficiency{.label = "Hit efficiency"}, purity{.label = "Purity"};
  for (const metrics::CurvePoint& point : points) {
    const Counts& counts = point.counts;
    if (!(point.threshold >= low && point.threshold <= high) || !std::isfinite(point.threshold) ||
        is_among_dropped(result, point.threshold))
      continue;
    for (plots::Series* series : {&efficiency, &purity}) {
      series->x.push_back(point.threshold);
      series->n.push_back(static_cast<double>(counts.kept()));
    }
    efficiency.y.push_back(counts.efficiency());
    purity.y.push_back(counts.purity());
  }
  plots::Series cut{.label = "Working point " + core::to_text(result.reference_point),
                    .draw = plots::Draw::dashed_line,
                    .x = {result.reference_threshold, result.reference_threshold},
                    .y = {0.0, 1.0}};
  plots::Figure figure = empty_figure("threshold_scan", {"Threshold on the logit"},
                                      {"Efficiency, purity", std::pair{0.0, 1.05}});
  figure.series = {efficiency, purity};
  std::string caption = "Hit efficiency and purity against the threshold.";
  if (!is_among_dropped(result, result.reference_threshold)) {
    figure.series.push_back(cut);
    caption += " The line marks the threshold of the reference working point.";
  }
  return {figure, caption};
}

}  // namespace

std::pair<double, double> with_point(std::pair<double, double> range, double working_point) {
  const auto [low, high] = range;
  return {working_point < low ? std::max(0.0, working_point - 0.05) : low,
          working_point > high ? 1.0 : high};
}

plots::Figure empty_roc() {
  return empty_figure("roc", {"Background efficiency #varepsilon_{b}", std::nullopt, true},
                      {"Hit efficiency #varepsilon_{s}", std::pair{0.0, 1.05}});
}

plots::Figure empty_rejection(std::pair<double, double> efficiencies) {
  return empty_figure("rejection_vs_efficiency", {"Hit efficiency", efficiencies},
                      {rejection_title, std::nullopt, true});
}

plots::Figure empty_purity(std::pair<double, double> efficiencies) {
  return empty_figure("purity_vs_efficiency", {"Hit efficiency", efficiencies},
                      {"Purity", std::nullopt});
}

// Only the part of a curve inside the shown range is kept: the rest would only make the files
// larger.
plots::Series curve(const std::vector<metrics::CurvePoint>& points, Ratio x, Ratio y, double low,
                    double high) {
  plots::Series series;
  for (const metrics::CurvePoint& point : points) {
    const double x_value = (point.counts.*x)();
    if (!(x_value >= low && x_value <= high)) continue;
    series.x.push_back(x_value);
    series.y.push_back((point.counts.*y)());
    series.n.push_back(static_cast<double>(point.counts.kept()));
  }
  return series;
}

std::vector<CaptionedFigure> performance_figures(const EvaluationResult& result) {
  const std::vector<metrics::CurvePoint> points = metrics::operating_points(result.ranked);
  const auto wide = with_point(wide_efficiencies, result.working_points.front().working_point);
  const auto near = with_point(near_efficiencies, result.reference_point);

  plots::Figure roc = empty_roc();
  roc.notes = {"AUC = " + with_error(result.estimates["auc"], 6)};
  roc.series = {curve(points, &Counts::background_efficiency, &Counts::efficiency,
                      least_background_efficiency, 1.0)};

  plots::Figure by_efficiency = empty_rejection(wide);
  by_efficiency.series = {
      curve(points, &Counts::efficiency, &Counts::rejection, wide.first, wide.second),
      working_point_marks(result, &Counts::efficiency, "rejection")};

  plots::Figure purity = empty_purity(near);
  purity.series = {
      curve(points, &Counts::efficiency, &Counts::purity, near.first, near.second),
      working_point_marks(result, &Counts::efficiency, "purity", result.reference_point)};

  plots::Figure by_purity =
      empty_figure("rejection_vs_purity", {"Purity"}, {rejection_title, std::nullopt, true});
  by_purity.notes = {"Hit efficiency #geq " + core::to_text(wide.first)};
  by_purity.series = {
      curve(measured_purity(points, wide.first), &Counts::purity, &Counts::rejection, 0.0, 1.0),
      working_point_marks(result, &Counts::purity, "rejection")};

  return {{roc, "Hit efficiency against background efficiency at all thresholds (ROC curve)."},
          {by_efficiency,
           "Background rejection against hit efficiency. Points mark the working points with their "
           "68 % intervals."},
          {purity,
           "Purity of the kept hits against hit efficiency. The point marks the reference working "
           "point with its 68 % interval."},
          {by_purity, "Background rejection against purity, for hit efficiencies from " +
                          core::to_text(wide.first) + " upward. Thresholds that keep fewer than " +
                          std::to_string(min_signal_hits_shown) + " signal hits are left out."},
          make_threshold_scan(result, points)};
}

}  // namespace stationhit::evaluation
