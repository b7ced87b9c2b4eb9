// Functions and values that the parts of a report share. Private to the module.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/evaluation/metrics_json.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/evaluation/run_comparison.hpp>

namespace stationhit::evaluation {

struct WrittenFigure {
  std::string stem;     // plots/<stem>.png, .pdf, .csv
  std::string section;  // heading under which the report shows it
  std::string caption;
};

[[nodiscard]] std::string working_points_csv(const EvaluationResult& result);
[[nodiscard]] std::string technologies_csv(const EvaluationResult& result);
[[nodiscard]] std::string station_layers_csv(const EvaluationResult& result);
[[nodiscard]] std::string processes_csv(const EvaluationResult& result);
[[nodiscard]] std::string report_html(const EvaluationResult& result, const ReportOptions& options,
                                      const std::vector<WrittenFigure>& figures);

// Draws everything into `folder` (the run directory's plots/). Returns what was written: nothing in
// a build without ROOT.
[[nodiscard]] std::vector<WrittenFigure> write_figures(const EvaluationResult& result,
                                                       const metrics::ScoredSample& sample,
                                                       const std::filesystem::path& training_csv,
                                                       const std::filesystem::path& folder,
                                                       const ReportOptions& options,
                                                       const core::Logger& logger);

// The figures of a comparison; nothing in a build without ROOT.
void write_comparison_figures(const Comparison& comparison, const std::filesystem::path& folder,
                              const core::SampleInfo& sample, const core::Logger& logger);

// The page in `folder`, whose links lead to the reports of the runs from there.
[[nodiscard]] std::string run_comparison_html(const RunComparison& comparison,
                                              const std::filesystem::path& folder,
                                              const std::vector<WrittenFigure>& figures);

// Draws into `folder` (plots/ beside the page); nothing in a build without ROOT.
[[nodiscard]] std::vector<WrittenFigure> write_run_comparison_figures(
    const RunComparison& comparison, const std::filesystem::path& folder,
    const core::Logger& logger);

// One line for every threshold of this sample among hits that the first stage dropped.
[[nodiscard]] std::vector<std::string> dropped_remarks(const EvaluationResult& result);

// "0.6552", "347.2", "-3.61": `digits` significant digits, "-" for NaN, "inf" for infinity.
[[nodiscard]] std::string rounded(double value, int digits);

// The decimals that the statistical error allows, half the length of the interval: two digits of
// the error if it begins with 1 to 3.54, else one (the rule of the Particle Data Group). None for
// an interval that is empty or not finite.
[[nodiscard]] std::optional<int> decimals_of(const metrics::Interval& interval);

// "0.655": `decimals` of them; "-" for NaN, "inf" for infinity.
[[nodiscard]] std::string with_decimals(double value, int decimals);

// "0.655 [0.651, 0.659]" with the decimals of the interval, `digits` significant digits where it
// has none; the interval left out where it is NaN.
[[nodiscard]] std::string with_interval(const Estimate& estimate, int digits);

// "MDT", "technology 7" for an unknown code.
[[nodiscard]] std::string technology_name(std::uint8_t code);

}  // namespace stationhit::evaluation
