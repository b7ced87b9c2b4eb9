#include <stationhit/core/errors.hpp>

#include "export_int8.hpp"

namespace stationhit::app {

void require_int8_support() {
  throw core::UsageError(
      "export -q needs a build with ONNX Runtime (STATIONHIT_WITH_ONNXRUNTIME=ON)");
}

void export_int8(const Program& /*program*/, const config::RunConfig& /*run*/,
                 const Int8Options& /*options*/) {
  require_int8_support();
}

}  // namespace stationhit::app
