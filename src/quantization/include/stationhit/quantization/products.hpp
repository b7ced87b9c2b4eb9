// The matrix products of a model that can run in int8: those whose weights are constants. Products
// of two activations (attention scores, sums with the weights of an attention or a mask) and
// everything that is no product stay float32, padding rows with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/onnx_file/model_editor.hpp>

namespace stationhit::quantization {

struct Product {
  std::string name;   // of its weights in the file: "blocks.0.message.0.own"; products that share
                      // weights share it
  std::string input;  // value that the weights are multiplied with
  std::string bias;   // constant; empty: none
  bool outputs_first = false;  // weights are [out, in] (Gemm with transB), else [in, out]
  std::int64_t inputs = 0, outputs = 0;
};

// The node as a product, nothing if it is none.
[[nodiscard]] std::optional<Product> as_product(const onnx_file::ModelEditor& model,
                                                const onnx_file::NodeView& node);

// In the order of the file. Throws DataError naming `where`: the file is quantised already, its
// operator set is too old for quantised weights per channel, or there is no such product.
[[nodiscard]] std::vector<Product> find_products(const onnx_file::ModelEditor& model,
                                                 const std::string& where);

}  // namespace stationhit::quantization
