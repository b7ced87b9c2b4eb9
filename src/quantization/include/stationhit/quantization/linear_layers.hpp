// The linear layers of a model: matrix products whose weights are constants, and which can
// therefore run in int8. Products of two activations (attention scores, sums weighted by attention
// or by a mask) and all other operations, including the padding rows, stay float32.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/onnx_file/model_editor.hpp>

namespace stationhit::quantization {

struct LinearLayer {
  std::string name;   // of its weights in the file: "blocks.0.message.0.own"; layers that share
                      // weights share the name
  std::string input;  // name of the value that the weights multiply
  std::string bias;   // name of a constant; empty if there is no bias
  bool outputs_first = false;  // weights are [out, in] (Gemm with transB), else [in, out]
  std::int64_t inputs = 0, outputs = 0;
};

// The node as a linear layer; empty if it is not one.
[[nodiscard]] std::optional<LinearLayer> as_linear_layer(const onnx_file::ModelEditor& model,
                                                         const onnx_file::NodeView& node);

// All linear layers in the order of the file. Throws DataError naming `where` if the file is
// already quantized, if its operator set is too old for one scale per output channel, or if it has
// no linear layer.
[[nodiscard]] std::vector<LinearLayer> find_linear_layers(const onnx_file::ModelEditor& model,
                                                          const std::string& where);

}  // namespace stationhit::quantization
