// What a user should know about a model that was loaded without an error.
#pragma once

#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

// One line each, beginning with the file, empty if all is well:
//  * the model was changed after it was written, and the options accepted that;
//  * the model is one of stationhit but has no checksum, because its version had none;
//  * the model is int8, made for processors with VNNI instructions and run by ONNX Runtime on one
//    that has none: the sums of 16 bits there may saturate, so the scores differ from those that
//    were compared.
[[nodiscard]] std::vector<std::string> load_warnings(const Model& model);

// Of the products of a model: "float32", "bfloat16" or "int8".
[[nodiscard]] std::string precision_of(const Model& model);

// Says what runs the model, and these warnings. engine_obstacle: why it is not the engine, as half
// a sentence; empty if it is or was not tried.
void log_loading(const Model& model, const std::string& engine_obstacle, const core::Logger& log);

}  // namespace stationhit::inference
