#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <stationhit/core/text.hpp>
#include <stationhit/metrics/efficiency.hpp>

#include "figure_sets.hpp"

namespace stationhit::evaluation {
namespace {

// The scores of one class that are drawn: those of hits that the first stage of a network dropped
// are not, because they lie far below all others.
struct ShownScores {
  std::span<const float> shown;  // ascending
  std::size_t n = 0;             // hits of the class

  ShownScores(std::span<const float> scores, const std::optional<float>& dropped_ceiling)
      : shown(scores), n(scores.size()) {
    if (dropped_ceiling) shown = {std::ranges::upper_bound(scores, *dropped_ceiling), scores.end()};
  }
  [[nodiscard]] std::size_t n_dropped() const { return n - shown.size(); }
};

// From the 0.01 % quantile, so that scores of hits without a node do not stretch the axis, to the
// largest score.
std::pair<double, double> choose_range(const ShownScores& signal, const ShownScores& background) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& scores : {signal.shown, background.shown}) {
    if (scores.empty()) continue;
    low = std::min<double>(low, scores[scores.size() / 10000]);
    high = std::max<double>(high, scores.back());
  }
  if (high > low) return {low, high};
  return high == low ? std::pair{low - 1.0, low + 1.0} : std::pair{-1.0, 1.0};
}

// Shares of all hits of the class.
plots::Series draw_scores(const ShownScores& scores, std::span<const double> edges,
                          const std::string& label) {
  plots::Series series = share_histogram(scores.shown, edges, label, plots::Draw::filled_histogram);
  const double shown = metrics::ratio(scores.shown.size(), scores.n);
  for (double& share : series.y) share *= shown;
  return series;
}

std::string class_counts(std::size_t signal, std::size_t background) {
  return std::to_string(signal) + " signal, " + std::to_string(background) + " background hits";
}

CaptionedFigure draw_distribution(const EvaluationResult& result) {
  const metrics::RankedScores& ranked = result.ranked;
  const ShownScores signal(ranked.signal(), result.dropped_ceiling),
      background(ranked.background(), result.dropped_ceiling);
  const auto [low, high] = choose_range(signal, background);
  const std::vector<double> edges = plots::round_edges(low, high, 80);
  plots::Figure figure{
      .stem = "score_distribution",
      .x = {"Logit", std::pair{edges.front(), edges.back()}},
      .y = {plots::title_per_bin("Share of hits", edges[1] - edges[0]), std::nullopt, true}};
  figure.notes = {class_counts(signal.n, background.n)};
  if (result.dropped_ceiling) {
    figure.notes.push_back("Not shown: " +
                           class_counts(signal.n_dropped(), background.n_dropped()));
  }
  figure.series = {draw_scores(signal, edges, "Signal hits"),
                   draw_scores(background, edges, "Background hits")};
  double smallest = 1.0;
  for (const plots::Series& series : figure.series) {
    for (const double y : series.y) smallest = y > 0.0 ? std::min(smallest, y) : smallest;
  }
  // Half of the smallest bin, so that single hits are still visible at the bottom.
  figure.y.range = std::pair{0.5 * smallest, 1.0};
  plots::Series cut{.label = "Cut at working point " + core::to_text(result.reference_point),
                    .draw = plots::Draw::dashed_line};
  cut.x = {result.reference_threshold, result.reference_threshold};
  cut.y = {0.5 * smallest, 1.0};
  if (result.reference_threshold >= edges.front()) figure.series.push_back(cut);
  return {figure,
          "Logits of signal and background hits, each normalized to one" +
              std::string(result.dropped_ceiling
                              ? ", with the hits that the first stage dropped, which are not shown"
                              : "") +
              ". The line marks the threshold of the reference working point."};
}

double to_probability(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

std::uint64_t count_between(std::span<const float> ascending, double low, double high) {
  const auto below = [](float score, double edge) { return score < edge; };
  return static_cast<std::uint64_t>(
      std::lower_bound(ascending.begin(), ascending.end(), high, below) -
      std::lower_bound(ascending.begin(), ascending.end(), low, below));
}

// Both axes of the calibration, from the lowest value that is drawn.
std::pair<double, double> calibration_range(const plots::Series& measured) {
  constexpr double high = 1.3;
  double low = 0.5;
  for (std::size_t i = 0; i < measured.y.size(); ++i)
    for (const double value : {measured.x_low[i], measured.y[i], measured.y_low[i],
                               measured.y_high[i]})  // the last for limits
      if (value > 0) low = std::min(low, value);
  return {0.7 * low, high};
}

CaptionedFigure draw_calibration(const metrics::RankedScores& ranked, double pos_weight) {
  constexpr double max_logit = 9.0;  // probability 1.2e-4 .. 0.9999
  // The loss counts signal hits pos_weight times, which shifts the logit by ln(pos_weight) from
  // that of the true probability. Bins are uniform in the logit, because probabilities crowd at 0
  // and 1.
  const double correction = std::log(pos_weight);
  plots::Series measured{.label = "Measured", .draw = plots::Draw::points};
  const std::vector<double> edges = metrics::uniform_edges(24, -max_logit, max_logit);
  for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
    const std::uint64_t passed =
        count_between(ranked.signal(), edges[bin] + correction, edges[bin + 1] + correction);
    const std::uint64_t total = passed + count_between(ranked.background(), edges[bin] + correction,
                                                       edges[bin + 1] + correction);
    if (total == 0) continue;
    const metrics::Interval interval = metrics::clopper_pearson(passed, total);
    measured.x.push_back(to_probability(0.5 * (edges[bin] + edges[bin + 1])));
    measured.x_low.push_back(to_probability(edges[bin]));
    measured.x_high.push_back(to_probability(edges[bin + 1]));
    measured.y.push_back(static_cast<double>(passed) / static_cast<double>(total));
    measured.y_low.push_back(interval.low);
    measured.y_high.push_back(interval.high);
    measured.n.push_back(static_cast<double>(total));
  }
  const auto [low, high] = calibration_range(measured);
  plots::Series perfect{.label = "Perfect calibration",
                        .draw = plots::Draw::dashed_line,
                        .x = {low, high},
                        .y = {low, high}};
  plots::Figure figure{.stem = "calibration",
                       .x = {"Predicted probability", std::pair{low, high}, true},
                       .y = {"Share of signal hits", std::pair{low, high}, true},
                       .series = {measured, perfect}};
  figure.notes = {class_counts(ranked.signal().size(), ranked.background().size()),
                  "Logit corrected for the weight of signal, pos_weight = " +
                      core::to_text(std::round(10 * pos_weight) / 10)};
  return {
      figure,
      "Share of signal hits in bins of the predicted probability, 1/(1 + exp(-(logit - ln "
      "pos_weight))), with 68 % Clopper-Pearson intervals. Arrows: upper limits of bins without "
      "signal hits."};
}

}  // namespace

std::vector<CaptionedFigure> score_figures(const EvaluationResult& result, double pos_weight) {
  return {draw_distribution(result), draw_calibration(result.ranked, pos_weight)};
}

}  // namespace stationhit::evaluation
