#include <stationhit/core/errors.hpp>

#include "export_int8.hpp"

namespace stationhit::app {

void require_int8_support() {
  throw core::UsageError(
      "export -q needs a build with ONNX Runtime (STATIONHIT_WITH_INFERENCE=ON)");
}

void export_int8(const Program& /*program*/, const config::RunConfig& /*run*/,
                 const std::filesystem::path& /*model*/, const std::filesystem::path& /*folder*/,
                 std::uint64_t /*latency_events*/) {
  require_int8_support();
}

}  // namespace stationhit::app
