#include <stationhit/core/errors.hpp>

#include "describe.hpp"

namespace stationhit::app {

std::string describe_root(const std::filesystem::path& path) {
  throw core::UsageError(
      path.string() +
      ": a ROOT file, but this program was built without ROOT (-DSTATIONHIT_WITH_ROOT=ON)");
}

std::string draw_event(const std::filesystem::path& input,
                       std::optional<std::uint64_t> /*event_number*/,
                       const std::filesystem::path& /*folder*/) {
  throw core::UsageError(input.string() +
                         ": figures are drawn with ROOT, but this program was built without it "
                         "(-DSTATIONHIT_WITH_ROOT=ON)");
}

}  // namespace stationhit::app
