// Linked instead of figures.cpp in a build without ROOT.
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

void log_missing_figures(const std::filesystem::path& folder, const core::Logger& logger) {
  logger.info(
      folder.string() +
      ": figures are left out, this build has no ROOT (-DSTATIONHIT_WITH_ROOT=ON draws them)");
}

}  // namespace

std::vector<WrittenFigure> write_figures(const EvaluationResult&, const metrics::ScoredSample&,
                                         const std::filesystem::path&,
                                         const std::filesystem::path& folder, const ReportOptions&,
                                         const core::Logger& logger) {
  log_missing_figures(folder, logger);
  return {};
}

void write_comparison_figures(const Comparison&, const std::filesystem::path& folder,
                              const core::SampleInfo&, const core::Logger& logger) {
  log_missing_figures(folder, logger);
}

std::vector<WrittenFigure> write_run_comparison_figures(const RunComparison&,
                                                        const std::filesystem::path& folder,
                                                        const core::Logger& logger) {
  log_missing_figures(folder, logger);
  return {};
}

}  // namespace stationhit::evaluation
