// The checksum that a model made here carries among its metadata. Private to the module.
#pragma once

#include <string>

#include <onnx-ml.pb.h>

#include <stationhit/onnx_file/model_file.hpp>

namespace stationhit::onnx_file {

// Fills in the value of the key checksum_key, if the model has it.
void set_checksum(onnx::ModelProto& model);

// Compares the value with the content.
[[nodiscard]] Integrity check_checksum(onnx::ModelProto model);

}  // namespace stationhit::onnx_file
