// Numbers are written before figures, which can fail in more ways: the results are safe even then.
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/evaluation/report.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {

void write_evaluation(const EvaluationResult& result, const metrics::ScoredSample& sample,
                      const std::filesystem::path& folder, const ReportOptions& options,
                      const core::Logger& logger) {
  core::make_folder(folder / "test");
  core::make_folder(folder / "plots");
  core::write_text_file(folder / "test" / "metrics.json", metrics_json(result));
  core::write_text_file(folder / "test" / "working_points.csv", working_points_csv(result));
  core::write_text_file(folder / "test" / "technologies.csv", technologies_csv(result));
  core::write_text_file(folder / "test" / "station_layers.csv", station_layers_csv(result));
  core::write_text_file(folder / "test" / "processes.csv", processes_csv(result));
  const auto figures =
      write_figures(result, sample, folder / "metrics.csv", folder / "plots", options, logger);
  core::write_text_file(folder / "report.html", report_html(result, options, figures));
  logger.info("report: " + (folder / "report.html").string());
}

}  // namespace stationhit::evaluation
