#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/constants.hpp>

#include "tensors.hpp"

namespace stationhit::onnx_file {

std::vector<FloatConstant> read_float_constants(std::string_view content,
                                                const std::string& where) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(content.data(), static_cast<int>(content.size())))
    throw core::DataError(where + ": not an ONNX model, or truncated; export it again");
  std::vector<FloatConstant> constants;
  for (const auto& tensor : model.graph().initializer()) {
    if (tensor.data_type() != onnx::TensorProto::FLOAT ||
        tensor.data_location() == onnx::TensorProto::EXTERNAL)
      continue;
    FloatConstant constant{
        tensor.name(), {tensor.dims().begin(), tensor.dims().end()}, float_values(tensor)};
    std::uint64_t expected = 1;
    for (const std::int64_t size : constant.shape) expected *= static_cast<std::uint64_t>(size);
    if (expected != constant.values.size()) {
      throw core::DataError(where + ": the constant \"" + constant.name + "\" has " +
                            std::to_string(constant.values.size()) + " values, its shape says " +
                            std::to_string(expected) + "; the file is damaged, export it again");
    }
    constants.push_back(std::move(constant));
  }
  return constants;
}

}  // namespace stationhit::onnx_file
