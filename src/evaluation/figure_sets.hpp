// The figures of a report, by what they show. Private to the module; linked only with plots.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/evaluation/run_comparison.hpp>
#include <stationhit/metrics/curves.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/scored_sample.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::evaluation {

struct CaptionedFigure {
  plots::Figure figure;
  std::string caption;
};

// A quantity that follows from the counts at an operating point.
using Ratio = double (metrics::Counts::*)() const;

// One ratio of the operating points against another, where x lies in [low, high].
[[nodiscard]] plots::Series curve(const std::vector<metrics::CurvePoint>& points, Ratio x, Ratio y,
                                  double low, double high);

// Ranges of hit efficiency that the figures of performance show.
inline constexpr std::pair wide_efficiencies{0.80, 1.0}, near_efficiencies{0.95, 0.998};

// A logarithmic axis cannot show an efficiency of 0.
inline constexpr double least_background_efficiency = 1e-300;

// The range, extended to the working point if that lies outside.
[[nodiscard]] std::pair<double, double> with_point(std::pair<double, double> range,
                                                   double working_point);

// Axes without curves: the ROC curve, rejection and purity against hit efficiency.
[[nodiscard]] plots::Figure empty_roc();
[[nodiscard]] plots::Figure empty_rejection(std::pair<double, double> efficiencies);
[[nodiscard]] plots::Figure empty_purity(std::pair<double, double> efficiencies);

// "17 events"; "1 event".
[[nodiscard]] std::string count_text(std::uint64_t count, const std::string& singular);

// "0.941 #pm 0.012", with both ends of the interval where they differ; "0.941322" (`digits`)
// without interval.
[[nodiscard]] std::string with_error(const Estimate& estimate, int digits);

inline constexpr const char* rejection_title = "Background rejection 1/#varepsilon_{b}";

// ROC, rejection and purity against efficiency, rejection against purity, efficiency and purity
// against the threshold.
[[nodiscard]] std::vector<CaptionedFigure> performance_figures(const EvaluationResult& result);

// Muons and segments lost and signal hits kept against pT, eta, phi and charge times eta of the
// muon and its distance to the nearest other one, at the reference point of the result of this
// sample. Without places no segments, without charges or second muons no such variable.
[[nodiscard]] std::vector<CaptionedFigure> efficiency_figures(const metrics::ScoredSample& sample,
                                                              const EvaluationResult& result);

// Hit efficiency, purity and background efficiency against the number of hits of the event, at the
// thresholds of the working points, or of the reference point where there are many.
[[nodiscard]] std::vector<CaptionedFigure> occupancy_figures(const metrics::ScoredSample& sample,
                                                             const EvaluationResult& result);

// Efficiency and purity of the hits by technology and, with places, by station layer.
[[nodiscard]] std::vector<CaptionedFigure> class_figures(const EvaluationResult& result);

// What is kept of the events of every process; none where the result is not split by processes, or
// by more than a figure can name.
[[nodiscard]] std::vector<CaptionedFigure> process_figures(const EvaluationResult& result);

// Distribution of the logits and calibration. pos_weight: of the loss.
[[nodiscard]] std::vector<CaptionedFigure> score_figures(const EvaluationResult& result,
                                                         double pos_weight);

// Hits per event and per muon, muons per event, shares of the technologies.
[[nodiscard]] std::vector<CaptionedFigure> sample_figures(const metrics::ScoredSample& sample);

// One figure per name that the curves have, from the table of the training loop, whose columns are
// found by name; a column that is missing has no curve. No file, no figures. `marked_epoch`: has a
// marker on the last curve of every figure with a legend, if the table has it. Throws DataError
// naming file, line and cell that is not a number.
[[nodiscard]] std::vector<CaptionedFigure> training_figures(
    const std::filesystem::path& csv, std::span<const TrainingCurve> curves,
    std::optional<std::int32_t> marked_epoch = {});

// ROC and rejection of both models, differences of their logits, distributions of their times.
[[nodiscard]] std::vector<CaptionedFigure> comparison_figures(const Comparison& comparison);

// ROC, rejection and purity against efficiency and the curves of the trainings, one curve per run.
// Throws like training_figures.
[[nodiscard]] std::vector<CaptionedFigure> run_performance_figures(const RunComparison& comparison);
[[nodiscard]] std::vector<CaptionedFigure> run_training_figures(const RunComparison& comparison);

// Entries of the values per bin as a share of all of them; entries beyond the edges count in the
// first and last bin. Bars: none.
[[nodiscard]] plots::Series share_histogram(std::span<const float> values,
                                            std::span<const double> edges, const std::string& label,
                                            plots::Draw draw);

}  // namespace stationhit::evaluation
