#include <stationhit/core/errors.hpp>

#include "describe.hpp"

namespace stationhit::app {

std::string describe_root(const std::filesystem::path& path) {
  throw core::UsageError(path.string() + ": a ROOT file, but this program was built without ROOT (-DSTATIONHIT_WITH_ROOT=ON)");
}

}  // namespace stationhit::app
