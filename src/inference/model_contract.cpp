// The inputs of the file select the interface. Then its metadata are read and compared with the
// inputs: sizes that are fixed in the file must agree with the feature names and the graph
// settings. Everything is checked here, once, so that the session code can rely on it.
#include "model_contract.hpp"

#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>

namespace stationhit::inference {
namespace {

using onnx_file::ModelFile;
using onnx_file::ValueInfo;

std::string describe(const ValueInfo& value) {
  return value.name + " " + value.type + " [" + core::join(value.shape) + "]";
}

std::string describe(const std::vector<ValueInfo>& values) {
  std::vector<std::string> parts;
  for (const ValueInfo& value : values) parts.push_back(describe(value));
  return parts.empty() ? "nothing" : core::join(parts);
}

[[noreturn]] void refuse(const ModelFile& file, const std::string& where) {
  throw core::DataError(where + ": the model takes " + describe(file.inputs) + " and gives " +
                        describe(file.outputs) +
                        "; expected features float32 [N, F], together with neighbours int32 [N, k] "
                        "and/or slots int32 [B, M] with slot_of_node int32 [N], with or without "
                        "event_of_node int32 [N], "
                        "or edge_index int64 [2, E], or nothing, and output float32 [N, 1]; make "
                        "such a model with: stationhit export");
}

// Dimensions are compared later, where the metadata say what they must be.
bool has_tensor(const std::vector<ValueInfo>& values, const onnx_file::ModelTensor& tensor) {
  const auto found = std::ranges::find(values, tensor.name, &ValueInfo::name);
  return found != values.end() && found->type == core::name(tensor.type) &&
         found->shape.size() == tensor.shape.size();
}

// Determines the interface and, for `table`, which of its inputs the model has.
void find_interface(const ModelFile& file, const std::string& where, ModelContract& contract) {
  const auto logits = onnx_file::logits_tensor();
  const bool fits = has_tensor(file.inputs, onnx_file::features_tensor()) &&
                    std::ranges::any_of(file.outputs, [&](const auto& output) {
                      return output.name == logits.name && output.type == core::name(logits.type);
                    });
  const bool neighbors = has_tensor(file.inputs, onnx_file::neighbors_tensor());
  const bool slots = has_tensor(file.inputs, onnx_file::slots_tensor()) &&
                     has_tensor(file.inputs, onnx_file::slot_of_node_tensor());
  const bool events = has_tensor(file.inputs, onnx_file::event_of_node_tensor());
  const bool edges = has_tensor(file.inputs, onnx_file::edges_tensor());
  // Any further input would stay without a value, so the counts must agree.
  const std::size_t known =
      1 + (neighbors ? 1 : 0) + (slots ? 2 : 0) + (events ? 1 : 0) + (edges ? 1 : 0);
  if (!fits || known != file.inputs.size() || (edges && known > 2)) refuse(file, where);
  contract.interface = edges                          ? Interface::edges
                       : neighbors || slots || events ? Interface::table
                                                      : Interface::nodes;
  contract.table = {neighbors, slots, events};
}

// A size that is fixed in the file must agree with what the model will be given.
void check_columns(const ModelFile& file, const char* input, std::size_t columns,
                   const std::string& reason, const std::string& where) {
  const std::string& size = std::ranges::find(file.inputs, input, &ValueInfo::name)->shape[1];
  const bool fixed =
      !size.empty() && std::ranges::all_of(size, [](char c) { return c >= '0' && c <= '9'; });
  if (!fixed || size == std::to_string(columns)) return;
  throw core::DataError(where + ": the input " + input + " has " + size + " columns, but " +
                        reason + " " + std::to_string(columns) +
                        "; the file contradicts itself, export the model again");
}

void check_features(const ModelFile& file, const std::vector<std::string>& names,
                    const std::string& where) {
  try {
    features::check_feature_names(names);
  } catch (const core::ConfigError& error) {
    throw core::DataError(where + ": metadata key \"feature_names\": " + error.what() +
                          "; the model needs a version of stationhit that computes it");
  }
  check_columns(file, onnx_file::features_input, names.size(),
                "the metadata key \"feature_names\" has", where);
}

// The inputs must fit the graph settings, because a network trained on one kind of edges gives
// wrong scores on another.
void check_kind_of_edges(const graph::GraphConfig& graph, const ModelContract& contract,
                         const std::string& where) {
  if (contract.interface != Interface::table || graph::has_table(graph) ||
      !contract.table.neighbors)
    return;
  throw core::DataError(
      where + ": the model takes neighbours, but its metadata key \"graph\" says edges: " +
      std::string(core::name(graph.edges)) +
      ", which has none; the file contradicts itself, export the model again");
}

graph::GraphConfig read_graph(const ModelFile& file, const ModelContract& contract,
                              const std::string& where) {
  const std::string& json = contract.metadata.graph_json;
  if (json.empty()) {
    graph::GraphConfig tool;  // what the experiment's inference tool gives to every model
    tool.edges = graph::EdgeKind::fully_connected;
    if (contract.interface != Interface::table) return tool;
    throw core::DataError(where +
                          ": the metadata lack the key \"graph\" (how the neighbors were found); "
                          "export the model again with stationhit export");
  }
  try {
    graph::GraphConfig config = graph::from_json(json, "metadata key \"graph\"");
    check_kind_of_edges(config, contract, where);
    if (contract.table.neighbors) {
      check_columns(file, onnx_file::neighbors_input, static_cast<std::size_t>(config.k),
                    "the metadata key \"graph\" says k =", where);
    }
    return config;
  } catch (const core::ConfigError& error) {
    throw core::DataError(where + ": " + error.what() + "; export the model again");
  }
}

// A network of stationhit has finite constants only. In a damaged file that is accepted as it is
// they need not be: a threshold of a first stage that is NaN would drop every hit without a
// message. Models of other programs may mask with infinity.
void check_constants(const ModelFile& file, const onnx_file::ModelMetadata& metadata,
                     const std::string& where) {
  if (metadata.version.empty()) return;
  const auto wrong = std::ranges::find_if(
      file.initializers, [](const auto& constant) { return constant.not_finite.has_value(); });
  if (wrong == file.initializers.end()) return;
  throw core::DataError(where + ": the constant \"" + wrong->name + "\" is " +
                        core::to_text(*wrong->not_finite) +
                        ", expected finite numbers; the file is damaged, export the model again");
}

}  // namespace

ModelContract check_contract(const ModelFile& file, const std::string& where) {
  ModelContract contract;
  find_interface(file, where, contract);
  contract.metadata = onnx_file::from_properties(file.metadata, where);
  check_features(file, contract.metadata.feature_names, where);
  contract.graph = read_graph(file, contract, where);
  check_constants(file, contract.metadata, where);
  return contract;
}

}  // namespace stationhit::inference
