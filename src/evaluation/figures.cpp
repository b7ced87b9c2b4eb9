// Linked in a build with ROOT (figures_left_out.cpp otherwise). Sections of the report follow the
// order in which the figures are written here.
#include <stationhit/plots/figure.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {

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
    for (const CaptionedFigure& captioned : figures) {
      plots::write_figure(captioned.figure, of_section, folder);
      written.push_back({captioned.figure.stem, section, captioned.caption});
    }
  };
  write("Performance", performance_figures(result), style);
  write("Efficiencies at the reference working point", efficiency_figures(sample, result), style);
  write("Technologies and station layers", class_figures(result), style);
  write("Scores", score_figures(result, options.pos_weight), style);
  // The training saw other events than the test.
  write("Training", training_figures(training_csv, options.training_curves),
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

}  // namespace stationhit::evaluation
