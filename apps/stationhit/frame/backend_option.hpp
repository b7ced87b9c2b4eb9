// What runs an ONNX file.
#pragma once

namespace stationhit::app {

inline constexpr const char* backend_meaning =
    "What runs the model; auto: the engine where it can, ONNX Runtime otherwise";

}  // namespace stationhit::app
