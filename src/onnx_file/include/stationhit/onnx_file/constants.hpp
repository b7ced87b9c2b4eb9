// The float32 constants of an ONNX file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stationhit::onnx_file {

struct FloatConstant {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

// In the order of the file, without those whose values are in another file. Throws DataError naming
// `where` (the file) if it is not ONNX, or if a constant has another number of values than its
// shape says.
[[nodiscard]] std::vector<FloatConstant> read_float_constants(std::string_view content,
                                                              const std::string& where);

}  // namespace stationhit::onnx_file
