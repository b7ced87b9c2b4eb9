// Protobuf accepts a message that was cut between two fields, so parsing alone does not detect
// every truncated file. The fields that a model must have are therefore checked one by one in the
// order in which they are written, and files of this project also carry the number of their
// metadata keys.
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include <onnx-ml.pb.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "checksum.hpp"
#include "structure.hpp"
#include "tensors.hpp"

namespace stationhit::onnx_file {
namespace {

struct ElementTypeInfo {
  std::string name;
  std::uint64_t bytes;
};

ElementTypeInfo find_element_type(std::int32_t code) {
  switch (code) {
    case onnx::TensorProto::FLOAT:
      return {"float32", 4};
    case onnx::TensorProto::UINT8:
      return {"uint8", 1};
    case onnx::TensorProto::INT8:
      return {"int8", 1};
    case onnx::TensorProto::UINT16:
      return {"uint16", 2};
    case onnx::TensorProto::INT16:
      return {"int16", 2};
    case onnx::TensorProto::INT32:
      return {"int32", 4};
    case onnx::TensorProto::INT64:
      return {"int64", 8};
    case onnx::TensorProto::BOOL:
      return {"bool", 1};
    case onnx::TensorProto::FLOAT16:
      return {"float16", 2};
    case onnx::TensorProto::BFLOAT16:
      return {"bfloat16", 2};
    case onnx::TensorProto::DOUBLE:
      return {"float64", 8};
    default:
      return {"unknown", 0};
  }
}

ValueInfo value_info(const onnx::ValueInfoProto& value) {
  ValueInfo info{value.name(), "unknown", {}};
  if (!value.type().has_tensor_type()) return info;
  const auto& tensor = value.type().tensor_type();
  info.type = find_element_type(tensor.elem_type()).name;
  for (const auto& dimension : tensor.shape().dim()) {
    if (dimension.has_dim_value()) {
      info.shape.push_back(std::to_string(dimension.dim_value()));
    } else {
      info.shape.push_back(dimension.dim_param().empty() ? "?" : dimension.dim_param());
    }
  }
  return info;
}

std::optional<float> find_not_finite(const onnx::TensorProto& tensor) {
  for (const float value : float_values(tensor))
    if (!std::isfinite(value)) return value;
  return std::nullopt;
}

// A scalar has no dimensions and one element.
InitializerInfo initializer_info(const onnx::TensorProto& tensor) {
  const ElementTypeInfo type = find_element_type(tensor.data_type());
  InitializerInfo info{
      tensor.name(), type.name, {tensor.dims().begin(), tensor.dims().end()}, 1, 0};
  for (const std::int64_t size : info.shape) info.elements *= static_cast<std::uint64_t>(size);
  info.bytes = info.elements * type.bytes;
  if (tensor.data_type() == onnx::TensorProto::FLOAT) info.not_finite = find_not_finite(tensor);
  return info;
}

void add_data_files(std::set<std::string>& files, const onnx::TensorProto& tensor) {
  if (tensor.data_location() != onnx::TensorProto::EXTERNAL) return;
  for (const auto& entry : tensor.external_data())
    if (entry.key() == "location") files.insert(entry.value());
}

// A model may import several sets of operators; the versions of foreign domains do not matter here.
std::int64_t standard_opset(const onnx::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (is_standard_domain(opset.domain())) return opset.version();
  }
  return 0;
}

[[noreturn]] void refuse(const std::string& where, const std::string& reason) {
  throw core::DataError(where + ": " + reason +
                        "; copy the file again, or make it with: stationhit export");
}

// A file cut between two fields is still a message that protobuf accepts, so the required fields
// are checked one by one, in the order of the file.
void check_complete(const onnx::ModelProto& model, const std::string& where) {
  if (model.ir_version() <= 0) refuse(where, "not an ONNX model (no IR version)");
  if (!model.has_graph()) refuse(where, "the ONNX model is truncated (it has no graph)");
  if (model.graph().output().empty())
    refuse(where, "the ONNX model is truncated (its graph has no output)");
  if (standard_opset(model) <= 0)
    refuse(where, "the ONNX model is truncated (no version of the operator set)");
  if (model.producer_name() == "stationhit" && model.metadata_props().empty())
    refuse(where, "the ONNX model is truncated (it has no metadata)");
}

}  // namespace

std::uint64_t ModelFile::parameter_bytes() const {
  return std::transform_reduce(initializers.begin(), initializers.end(), std::uint64_t{0},
                               std::plus<>(), [](const auto& i) { return i.bytes; });
}

ModelFile parse_model(std::string_view content, const std::string& where) {
  if (content.empty()) refuse(where, "the file is empty");
  onnx::ModelProto model;
  // The size is an int in the interface of protobuf.
  const bool fits = content.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (!fits || !model.ParseFromArray(content.data(), static_cast<int>(content.size())))
    refuse(where, "not an ONNX model, or truncated");
  check_complete(model, where);

  ModelFile file;
  file.producer = model.producer_name();
  file.ir_version = model.ir_version();
  file.opset = standard_opset(model);
  file.file_bytes = content.size();
  // An initializer with the name of an input is its default; callers need not give such an input.
  std::set<std::string> defaults;
  for (const auto& tensor : model.graph().initializer()) defaults.insert(tensor.name());
  for (const auto& value : model.graph().input()) {
    if (!defaults.contains(value.name())) file.inputs.push_back(value_info(value));
  }
  for (const auto& value : model.graph().output()) file.outputs.push_back(value_info(value));
  for (const auto& property : model.metadata_props())
    file.metadata[property.key()] = property.value();
  for (const auto& node : model.graph().node()) ++file.operators[operator_key(node)];
  for (const auto& tensor : model.graph().initializer())
    file.initializers.push_back(initializer_info(tensor));
  for (const auto& tensor : model.graph().initializer()) add_data_files(file.data_files, tensor);
  file.problems = check_structure(model.graph());
  check_property_count(file.metadata, where);
  file.integrity = check_checksum(std::move(model));
  return file;
}

void require_unchanged(const ModelFile& file, const std::string& where) {
  if (file.integrity != Integrity::changed) return;
  throw core::DataError(where +
                        ": the model was changed after it was written, by hand or by damage (its "
                        "checksum differs); export it again, or accept it as it is with "
                        "--allow-modified (C++: SessionOptions::changed_model)");
}

std::string read_model_bytes(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw core::DataError(path.string() + ": no such model; give an ONNX file, which stationhit " +
                          "export makes");
  return core::read_text_file(path);
}

ModelFile read_model(const std::filesystem::path& path) {
  return parse_model(read_model_bytes(path), path.string());
}

}  // namespace stationhit::onnx_file
