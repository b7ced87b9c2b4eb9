// What runs an ONNX file, and how.
#pragma once

namespace stationhit::app {

inline constexpr const char* backend_meaning =
    "What runs the model; auto: the engine where it can, ONNX Runtime otherwise";

inline constexpr const char* precision_meaning =
    "Of the products in the engine; bfloat16: weights and inputs of linear layers have 8 "
    "significant bits (float32 files only)";

}  // namespace stationhit::app
