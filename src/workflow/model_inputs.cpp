#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>
#include <stationhit/workflow/model_inputs.hpp>

namespace stationhit::workflow {
namespace {

using inference::ModelInputs;
using Tensors = std::vector<data::NamedTensor>;

template <class T>
auto view(const std::vector<T>& values, std::vector<std::int64_t> shape) {
  return data::view_tensor(std::span<const T>(values), std::move(shape));
}

void append_table_inputs(Tensors& tensors, const ModelInputs& inputs,
                         const inference::TableInputs& taken) {
  const auto n = static_cast<std::int64_t>(inputs.n_nodes);
  if (taken.neighbors)
    tensors.push_back({onnx_file::neighbors_input, view(inputs.neighbors, {n, inputs.k})});
  if (taken.event_of_node)
    tensors.push_back({onnx_file::event_of_node_input, view(inputs.event_of_node, {n})});
  if (!taken.slots) return;
  const auto groups = static_cast<std::int64_t>(inputs.slots.size()) / inputs.longest;
  tensors.push_back({onnx_file::slots_input, view(inputs.slots, {groups, inputs.longest})});
  tensors.push_back({onnx_file::slot_of_node_input, view(inputs.slot_of_node, {n})});
}

std::vector<std::int64_t> edge_index(const ModelInputs& inputs) {
  std::vector<std::int64_t> edges = inputs.edge_sources;
  edges.insert(edges.end(), inputs.edge_destinations.begin(), inputs.edge_destinations.end());
  return edges;
}

}  // namespace

void write_model_inputs(const inference::HitClassifier& classifier, const core::Event& event,
                        const std::filesystem::path& path) {
  const inference::Model& model = classifier.model();
  const inference::PreparedEvents prepared = classifier.prepare({&event, 1});
  const ModelInputs& inputs = prepared.inputs;
  const graph::NodeTable& nodes = prepared.nodes.front();
  const std::vector<float> logits = classifier.node_logits(prepared);
  const auto n = static_cast<std::int64_t>(inputs.n_nodes);
  const auto n_features = static_cast<std::int64_t>(model.metadata().feature_names.size());
  Tensors tensors{
      {onnx_file::features_input, view(inputs.features, {n, n_features})},
      {"node_hit", view(nodes.hit, {n})},
      {"group_offsets", view(nodes.offsets, {static_cast<std::int64_t>(nodes.offsets.size())})},
      {"logits", view(logits, {n})}};
  append_table_inputs(tensors, inputs, model.table_inputs());
  const std::vector<std::int64_t> edges = edge_index(inputs);
  if (model.interface() == inference::Interface::edges) {
    const auto n_edges = static_cast<std::int64_t>(inputs.edge_sources.size());
    tensors.push_back({onnx_file::edges_input, view(edges, {2, n_edges})});
  }
  data::write_safetensors(path, tensors);
}

}  // namespace stationhit::workflow
