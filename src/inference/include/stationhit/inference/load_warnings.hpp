// What a user should know about a model that was loaded without an error.
#pragma once

#include <string>
#include <vector>

#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

// One line each, beginning with the file, empty if all is well:
//  * the model was changed after it was written, and the options accepted that;
//  * the model is one of stationhit but has no checksum, because its version had none;
//  * the model is int8, made for processors with VNNI instructions and run by ONNX Runtime on one
//    that has none: the sums of 16 bits there may saturate, so the scores differ from those that
//    were compared.
[[nodiscard]] std::vector<std::string> load_warnings(const Model& model);

}  // namespace stationhit::inference
