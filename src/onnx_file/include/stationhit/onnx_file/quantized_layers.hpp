// The linear layers that an int8 file of `stationhit export -q` has as integers and scales.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stationhit::onnx_file {

struct QuantizedLayer {
  std::string name;  // of its weights in the float32 file
  std::size_t inputs = 0, outputs = 0;
  // Of the input: QuantizeLinear, and the largest level that a Clip behind it leaves.
  float scale = 1;
  std::int32_t zero_point = 0, largest_level = 255;
  std::vector<std::int8_t> weights = {};  // [outputs, inputs]
  std::vector<float> weight_scales = {};  // [outputs]
  std::vector<std::int32_t> bias = {};  // [outputs], in units of scale x weight scale; empty: none
};

// What the names of the constants of a layer begin with: the name of its float32 weights, and the
// value that the node gives.
[[nodiscard]] std::string quantized_layer_prefix(const std::string& weights,
                                                 const std::string& output);
inline constexpr const char* quantized_weights_suffix = "/weights_int8";

// The layer whose int8 weights this constant holds; empty if its name does not say it, as in files
// of versions before this rule.
[[nodiscard]] std::optional<std::string> layer_of_weights(std::string_view constant);

// In the order of the file, those whose constants have names by this rule. Throws DataError naming
// `where` and the layer if the file is not ONNX or the nodes around a layer are not those that
// method: static writes.
[[nodiscard]] std::vector<QuantizedLayer> read_quantized_layers(std::string_view content,
                                                                const std::string& where);

}  // namespace stationhit::onnx_file
