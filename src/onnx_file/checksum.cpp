// XXH3 of the whole model (graph, constants, metadata, also fields that this program does not know)
// as protobuf serializes it, with the value of the checksum left empty. The schema of ONNX has no
// maps, so equal models have equal bytes in every version of protobuf.
#include "checksum.hpp"

#include <algorithm>

#include <stationhit/core/hashing.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::onnx_file {
namespace {

onnx::StringStringEntryProto* find_checksum(onnx::ModelProto& model) {
  auto& properties = *model.mutable_metadata_props();
  const auto found =
      std::ranges::find(properties, checksum_key, &onnx::StringStringEntryProto::key);
  return found == properties.end() ? nullptr : &*found;
}

std::string checksum_of(const onnx::ModelProto& model) {
  return core::to_hex(core::hash_text(model.SerializeAsString()));
}

}  // namespace

void set_checksum(onnx::ModelProto& model) {
  auto* const property = find_checksum(model);
  if (property == nullptr) return;
  property->set_value("");
  property->set_value(checksum_of(model));
}

Integrity check_checksum(onnx::ModelProto model) {
  auto* const property = find_checksum(model);
  if (property == nullptr) return Integrity::unknown;
  const std::string stored = property->value();
  property->set_value("");
  return checksum_of(model) == stored ? Integrity::unchanged : Integrity::changed;
}

}  // namespace stationhit::onnx_file
