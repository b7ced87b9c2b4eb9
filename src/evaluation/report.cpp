// Numbers are written before figures, which can fail in more ways: the results are safe even then.
#include <system_error>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/evaluation/report.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw core::DataError(folder.string() + ": cannot make this folder: " + error.message());
}

}  // namespace

void write_evaluation(const EvaluationResult& result, const metrics::ScoredSample& sample,
                      const std::filesystem::path& folder, const ReportOptions& options,
                      const core::Logger& logger) {
  make_folder(folder / "test");
  make_folder(folder / "plots");
  core::write_text_file(folder / "test" / "metrics.json", metrics_json(result));
  core::write_text_file(folder / "test" / "working_points.csv", working_points_csv(result));
  core::write_text_file(folder / "test" / "technologies.csv", technologies_csv(result));
  const auto figures =
      write_figures(result, sample, folder / "metrics.csv", folder / "plots", options, logger);
  core::write_text_file(folder / "report.html", report_html(result, options, figures));
  logger.info("report: " + (folder / "report.html").string());
}

}  // namespace stationhit::evaluation
