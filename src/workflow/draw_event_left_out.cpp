#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/draw_event.hpp>

namespace stationhit::workflow {

std::vector<std::filesystem::path> draw_event(const std::filesystem::path& input,
                                              const std::filesystem::path& /*folder*/,
                                              const EventDisplayOptions& /*options*/,
                                              const core::Logger& /*log*/) {
  throw core::UsageError(input.string() +
                         ": figures are drawn with ROOT, but this program was built without it "
                         "(-DSTATIONHIT_WITH_ROOT=ON)");
}

}  // namespace stationhit::workflow
