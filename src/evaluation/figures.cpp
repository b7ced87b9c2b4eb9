// Linked in a build with ROOT (figures_left_out.cpp otherwise). Sections of the report follow the
// order in which the figures are written here.
#include <stationhit/plots/figure.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {

std::vector<WrittenFigure> write_figures(const EvaluationResult& result,
                                         const metrics::ScoredSample& sample,
                                         const std::filesystem::path& training_csv,
                                         const std::filesystem::path& folder,
                                         const ReportOptions& options, const core::Logger& logger) {
  // Every figure names the sample, because figures are passed around without their page.
  const plots::Style style = plots::style_of(options.sample);
  std::vector<WrittenFigure> written;
  const auto write = [&](const std::string& section, const std::vector<CaptionedFigure>& figures) {
    for (const CaptionedFigure& captioned : figures) {
      plots::write_figure(captioned.figure, style, folder);
      written.push_back({captioned.figure.stem, section, captioned.caption});
    }
  };
  write("Performance", performance_figures(result));
  write("Efficiencies at the reference working point", efficiency_figures(sample, result));
  write("Scores", score_figures(result, options.pos_weight));
  write("Training", training_figures(training_csv));
  write("Sample", sample_figures(sample));
  logger.info(folder.string() + ": " + std::to_string(written.size()) + " figures");
  return written;
}

void write_comparison_figures(const Comparison& comparison, const std::filesystem::path& folder,
                              const core::SampleInfo& sample, const core::Logger& logger) {
  const std::vector<CaptionedFigure> figures = comparison_figures(comparison);
  for (const CaptionedFigure& captioned : figures)
    plots::write_figure(captioned.figure, plots::style_of(sample), folder);
  logger.info(folder.string() + ": " + std::to_string(figures.size()) + " figures");
}

}  // namespace stationhit::evaluation
