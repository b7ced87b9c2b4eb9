// The one function that libstationhit_ops.so shows: ONNX Runtime calls it by its name.
#include <onnxruntime_c_api.h>

#include <stationhit/operators/register_operators.hpp>

extern "C" __attribute__((visibility("default"))) OrtStatus*
RegisterCustomOps(  // NOLINT(readability-identifier-naming)
    OrtSessionOptions* options, const OrtApiBase* base) {
  return stationhit::operators::register_operators(options, base);
}
