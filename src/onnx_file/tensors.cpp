// Translates C++ values to the types of the ONNX messages. A model is checked before it is
// serialized: a graph that is not well formed is a mistake of this program and not of the user.
#include "tensors.hpp"

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

#include "checksum.hpp"
#include "structure.hpp"

namespace stationhit::onnx_file {
namespace {

struct AttributeWriter {
  onnx::AttributeProto& target;

  void operator()(std::int64_t value) const {
    target.set_type(onnx::AttributeProto::INT);
    target.set_i(value);
  }
  void operator()(float value) const {
    target.set_type(onnx::AttributeProto::FLOAT);
    target.set_f(value);
  }
  void operator()(const std::string& value) const {
    target.set_type(onnx::AttributeProto::STRING);
    target.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    target.set_type(onnx::AttributeProto::INTS);
    target.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(ElementType type) const { (*this)(std::int64_t{type_code(type)}); }
};

}  // namespace

std::vector<float> float_values(const onnx::TensorProto& tensor) {
  // The format has two ways to store values; raw bytes are little-endian like the machine.
  if (!tensor.has_raw_data()) return {tensor.float_data().begin(), tensor.float_data().end()};
  std::vector<float> values(tensor.raw_data().size() / sizeof(float));
  std::memcpy(values.data(), tensor.raw_data().data(), values.size() * sizeof(float));
  return values;
}

onnx::TensorProto::DataType type_code(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return onnx::TensorProto::FLOAT;
    case ElementType::int32:
      return onnx::TensorProto::INT32;
    case ElementType::int64:
      return onnx::TensorProto::INT64;
    case ElementType::boolean:
      return onnx::TensorProto::BOOL;
  }
  return onnx::TensorProto::UNDEFINED;
}

void add_attributes(onnx::NodeProto& node, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    onnx::AttributeProto& target = *node.add_attribute();
    target.set_name(attribute.name);
    std::visit(AttributeWriter{target}, attribute.value);
  }
}

std::string serialized(onnx::ModelProto model) {
  const std::vector<std::string> problems = check_structure(model.graph());
  if (!problems.empty())
    throw core::Error(core::ExitCode::internal,
                      "the ONNX graph is not well formed: " + core::join(problems, "; "));
  set_checksum(model);
  std::string content;
  // Protobuf refuses messages above 2 GiB.
  if (!model.SerializeToString(&content)) {
    throw core::Error(core::ExitCode::internal,
                      "the ONNX model cannot be serialized (larger than 2 GB?)");
  }
  return content;
}

}  // namespace stationhit::onnx_file
