#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/plot_overview.hpp>

namespace stationhit::workflow {

std::vector<std::filesystem::path> plot_overview(const std::filesystem::path& input,
                                                 const std::filesystem::path& /*folder*/,
                                                 const OverviewOptions& /*options*/,
                                                 const core::Observer& /*observer*/) {
  throw core::UsageError(input.string() +
                         ": figures are drawn with ROOT, but this program was built without it "
                         "(-DSTATIONHIT_WITH_ROOT=ON)");
}

}  // namespace stationhit::workflow
