// How ONNX Runtime runs a model.
#pragma once

#include <stationhit/onnx_file/model_file.hpp>

struct OrtEnv;  // of the C interface of ONNX Runtime

namespace stationhit::inference {

struct SessionOptions {
  // Threads inside one operator, 1 to core::max_threads; more than the cores of this process count
  // as that many.
  unsigned intra_op_threads = 1;
  // For a model that was edited after stationhit wrote it, so that its checksum does not fit.
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
  // The environment of the program, which must outlive the model; null: one of this library, which
  // is silent. A process has one: whichever is made first decides how ONNX Runtime logs.
  const OrtEnv* environment = nullptr;
};

}  // namespace stationhit::inference
