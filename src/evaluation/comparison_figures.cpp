// The figures of a comparison overlay the curves of both models. Axes and ranges are those of the
// figures of a single evaluation, so pages can be laid side by side.
#include <algorithm>
#include <cmath>

#include <stationhit/metrics/efficiency.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using metrics::Counts;

// Draws both models on one pair of axes. The curve of the second lies on that of the first, which
// is wider: a dashed curve with so many points would look solid.
plots::Figure overlay(const Comparison& c, plots::Figure figure, Ratio x, Ratio y, double low,
                      double high) {
  figure.series = {curve(metrics::operating_points(c.before_result.ranked), x, y, low, high),
                   curve(metrics::operating_points(c.after_result.ranked), x, y, low, high)};
  figure.series[0].label = c.before.name;
  figure.series[1].label = c.after.name;
  figure.series[0].line_width = 9;
  return figure;
}

CaptionedFigure roc(const Comparison& c) {
  plots::Figure figure = empty_roc();
  figure.notes = {"AUC " + with_error(c.before_result.estimates["auc"], 6) + ", " +
                  with_error(c.after_result.estimates["auc"], 6)};
  return {overlay(c, figure, &Counts::background_efficiency, &Counts::efficiency,
                  least_background_efficiency, 1.0),
          "Hit efficiency against background efficiency."};
}

CaptionedFigure rejection(const Comparison& c) {
  const auto [low, high] = wide_efficiencies;
  return {overlay(c, empty_rejection(wide_efficiencies), &Counts::efficiency, &Counts::rejection,
                  low, high),
          "Background rejection against hit efficiency."};
}

// The ends hold all but one in a thousand of the differences.
CaptionedFigure score_difference(const Comparison& c) {
  std::vector<float> of_signal, of_background, sizes;
  for (std::size_t hit = 0; hit < c.before.sample.n_hits(); ++hit) {
    const float difference = c.after.sample.score[hit] - c.before.sample.score[hit];
    (c.before.sample.truth_link[hit] >= 0 ? of_signal : of_background).push_back(difference);
    sizes.push_back(std::fabs(difference));
  }
  const auto nearly_all =
      sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() - 1 - sizes.size() / 1000);
  std::nth_element(sizes.begin(), nearly_all, sizes.end());
  const double end = *nearly_all > 0 ? double{*nearly_all} : 1.0;
  const std::vector<double> edges = plots::round_edges(-end, end, 80);
  plots::Figure figure{.stem = "score_difference",
                       .x = {"Logit of " + c.after.name + " #minus logit of " + c.before.name,
                             std::pair{edges.front(), edges.back()}},
                       .y = {plots::title_per_bin("Share of hits", edges[1] - edges[0])}};
  figure.series = {
      share_histogram(of_signal, edges, "Signal hits", plots::Draw::filled_histogram),
      share_histogram(of_background, edges, "Background hits", plots::Draw::histogram)};
  figure.notes = {"rms " + rounded(c.logits.rms, 3) + ", " +
                  count_text(c.before.sample.n_hits(), "hit")};
  return {figure,
          "Differences of the logits, each histogram normalized to one; what lies outside counts "
          "at the ends."};
}

CaptionedFigure latency(const Comparison& c) {
  const auto floats = [](const std::vector<double>& values) {
    return std::vector<float>(values.begin(), values.end());
  };
  const std::vector<float> before = floats(c.before.ms_of_calls),
                           after = floats(c.after.ms_of_calls);
  const double low = std::min(*std::ranges::min_element(before), *std::ranges::min_element(after));
  const double high = std::max(1.05 * low, 1.2 * std::max(c.before.p99_ms, c.after.p99_ms));
  const std::vector<double> edges = plots::round_edges(low, high, 50);
  plots::Figure figure{
      .stem = "latency",
      .x = {"Time of the model per event [ms]", std::pair{edges.front(), edges.back()}},
      .y = {plots::title_per_bin("Share of calls", edges[1] - edges[0], "ms")}};
  figure.series = {share_histogram(before, edges, c.before.name, plots::Draw::filled_histogram),
                   share_histogram(after, edges, c.after.name, plots::Draw::histogram)};
  figure.notes = {
      "Median " + rounded(c.before.median_ms, 3) + " ms, " + rounded(c.after.median_ms, 3) + " ms",
      count_text(before.size(), "call") + " of each model"};
  return {figure, "Time of an event, both models in turn; longer times count in the last bin."};
}

}  // namespace

std::vector<CaptionedFigure> comparison_figures(const Comparison& comparison) {
  return {roc(comparison), rejection(comparison), score_difference(comparison),
          latency(comparison)};
}

}  // namespace stationhit::evaluation
