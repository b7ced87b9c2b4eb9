// Linked in a build with ROOT (figures_left_out.cpp otherwise). Sections of the report follow the
// order in which the figures are written here.
#include <algorithm>

#include <stationhit/plots/figure.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

void write_section(const std::string& section, const std::vector<CaptionedFigure>& figures,
                   const plots::Style& style, const std::filesystem::path& folder,
                   std::vector<WrittenFigure>& written) {
  for (const CaptionedFigure& captioned : figures) {
    plots::write_figure(captioned.figure, style, folder);
    written.push_back({captioned.figure.stem, section, captioned.caption});
  }
}

}  // namespace

std::string count_text(std::uint64_t count, const std::string& singular) {
  return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

std::string with_error(const Estimate& estimate, int digits) {
  const std::optional<int> decimals = decimals_of(estimate.interval);
  if (!decimals) return rounded(estimate.value, digits);
  const std::string up = with_decimals(estimate.interval.high - estimate.value, *decimals),
                    down = with_decimals(estimate.value - estimate.interval.low, *decimals);
  const std::string errors = up == down ? " #pm " + up : "^{ +" + up + "}_{ #minus" + down + "}";
  return with_decimals(estimate.value, *decimals) + errors;
}

std::vector<WrittenFigure> write_figures(const EvaluationResult& result,
                                         const metrics::ScoredSample& sample,
                                         const std::filesystem::path& training_csv,
                                         const std::filesystem::path& folder,
                                         const ReportOptions& options, const core::Logger& logger) {
  // Every figure names the sample, because figures are passed around without their page.
  const plots::Style style =
      plots::style_of(options.sample, count_text(result.n_events, "test event"));
  std::vector<WrittenFigure> written;
  const auto write = [&](const std::string& section, const std::vector<CaptionedFigure>& figures,
                         const plots::Style& of_section) {
    write_section(section, figures, of_section, folder, written);
  };
  write("Performance", performance_figures(result), style);
  write("Efficiencies at the reference working point", efficiency_figures(sample, result), style);
  write("Hits per event", occupancy_figures(sample, result), style);
  write("Processes", process_figures(result), style);
  write("Technologies and station layers", class_figures(result), style);
  write("Scores", score_figures(result, options.pos_weight), style);
  // The training saw other events than the test.
  write("Training", training_figures(training_csv, options.training_curves, options.best_epoch),
        plots::style_of(options.sample));
  write("Sample", sample_figures(sample), style);
  logger.info(folder.string() + ": " + std::to_string(written.size()) + " figures");
  return written;
}

void write_comparison_figures(const Comparison& comparison, const std::filesystem::path& folder,
                              const core::SampleInfo& sample, const core::Logger& logger) {
  const std::vector<CaptionedFigure> figures = comparison_figures(comparison);
  const plots::Style style =
      plots::style_of(sample, count_text(comparison.before_result.n_events, "test event"));
  for (const CaptionedFigure& captioned : figures)
    plots::write_figure(captioned.figure, style, folder);
  logger.info(folder.string() + ": " + std::to_string(figures.size()) + " figures");
}

std::vector<WrittenFigure> write_run_comparison_figures(const RunComparison& comparison,
                                                        const std::filesystem::path& folder,
                                                        const core::Logger& logger) {
  std::vector<WrittenFigure> written;
  // Samples of several sizes have no size on the figures.
  const std::uint64_t events = comparison.runs.front().results.n_events;
  const bool same_size = std::ranges::all_of(
      comparison.runs, [events](const ComparedRun& run) { return run.results.n_events == events; });
  write_section(
      "Performance", run_performance_figures(comparison),
      plots::style_of(comparison.sample, same_size ? count_text(events, "test event") : ""), folder,
      written);
  write_section("Training", run_training_figures(comparison), plots::style_of(comparison.sample),
                folder, written);
  logger.info(folder.string() + ": " + std::to_string(written.size()) + " figures");
  return written;
}

}  // namespace stationhit::evaluation
