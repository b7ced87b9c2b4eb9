// Constants and attributes as messages of protobuf; shared by those that build graphs and those
// that edit them.
#pragma once

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <onnx-ml.pb.h>

#include <stationhit/onnx_file/graph_builder.hpp>

namespace stationhit::onnx_file {

template <class T>
constexpr onnx::TensorProto::DataType data_type() {
  if constexpr (std::is_same_v<T, float>) return onnx::TensorProto::FLOAT;
  if constexpr (std::is_same_v<T, std::int8_t>) return onnx::TensorProto::INT8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return onnx::TensorProto::UINT8;
  if constexpr (std::is_same_v<T, std::int32_t>) return onnx::TensorProto::INT32;
  if constexpr (std::is_same_v<T, std::int64_t>) return onnx::TensorProto::INT64;
}

template <class T>
void fill_tensor(onnx::TensorProto& tensor, const std::string& name, std::span<const T> values,
                 const std::vector<std::int64_t>& shape) {
  static_assert(std::endian::native == std::endian::little,
                "raw tensor data in ONNX files are little-endian");
  assert(static_cast<std::int64_t>(values.size()) ==
         std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
  tensor.set_name(name);
  tensor.set_data_type(data_type<T>());
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  std::string raw(values.size_bytes(), '\0');
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
  tensor.set_raw_data(std::move(raw));
}

// The values of a float32 tensor; empty if they are in another file.
[[nodiscard]] std::vector<float> float_values(const onnx::TensorProto& tensor);

// Number of the type in the ONNX format.
onnx::TensorProto::DataType type_code(ElementType type);

void add_attributes(onnx::NodeProto& node, const std::vector<Attribute>& attributes);

// The content of the file, with its checksum if the metadata have the key for it. Throws
// core::Error (internal) with the list of check_structure if the graph is not well formed.
[[nodiscard]] std::string serialized(onnx::ModelProto model);

}  // namespace stationhit::onnx_file
