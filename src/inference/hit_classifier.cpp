// Events are prepared one by one and concatenated: node numbers of later events are shifted by the
// nodes before them, and the slot table is made once at the end, when the size of the largest group
// is known. Nothing connects events, so the logits of a node do not depend on what else is in the
// call.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "edge_list.hpp"
#include "onnx_runtime.hpp"

namespace stationhit::inference {
namespace {

std::string describe(const core::Event& event) {
  return "run " + std::to_string(event.header.run_number) + ", event " +
         std::to_string(event.header.event_number);
}

// Everything that would be read out of range, and codes that no hit can have. Numbers that are not
// finite are no error: such hits get no node.
void check_event(const core::Event& event, const std::string& where) {
  core::check_consistency(event, where);
  const auto& codes = event.hits.technology;
  const auto last = static_cast<std::uint8_t>(core::Technology::mm);
  const auto wrong = std::ranges::find_if(codes, [&](std::uint8_t code) { return code > last; });
  if (wrong == codes.end()) return;
  throw core::DataError(where + ": spacePoint_technology[" + std::to_string(wrong - codes.begin()) +
                        "] = " + std::to_string(*wrong) + ", expected 0 to " +
                        std::to_string(last) + "; the event is damaged, recreate it");
}

// Without a copy for the first event of a call, which is usually the only one.
template <class T>
void append_to(std::vector<T>& values, std::vector<T>&& of_event) {
  if (values.empty()) {
    values = std::move(of_event);
  } else {
    values.insert(values.end(), of_event.begin(), of_event.end());
  }
}

void append_neighbors(ModelInputs& inputs, graph::NeighborTable table) {
  if (inputs.n_nodes == 0) {
    inputs.neighbors = std::move(table.index);
    return;
  }
  const auto first = static_cast<std::int32_t>(inputs.n_nodes);
  inputs.neighbors.reserve(inputs.neighbors.size() + table.index.size());
  for (const std::int32_t node : table.index)
    inputs.neighbors.push_back(node == graph::no_neighbor ? node : node + first);
}

void append_offsets(ModelInputs& inputs, const graph::NodeTable& nodes) {
  if (inputs.offsets.empty()) inputs.offsets.push_back(0);
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    inputs.offsets.push_back(static_cast<std::int64_t>(inputs.n_nodes) + nodes.offsets[group + 1]);
  }
}

// Makes the slot table over the groups of all events.
void add_slots(PreparedEvents& prepared) {
  ModelInputs& inputs = prepared.inputs;
  std::vector<std::uint32_t> sizes;
  for (const graph::NodeTable& nodes : prepared.nodes) {
    for (std::size_t group = 0; group < nodes.n_groups(); ++group)
      sizes.push_back(nodes.offsets[group + 1] - nodes.offsets[group]);
  }
  for (const auto size : sizes)
    inputs.longest = std::max(inputs.longest, static_cast<std::int32_t>(size));
  const auto longest = static_cast<std::size_t>(inputs.longest);
  // Nodes are numbered group by group, so one running number fills the slots and their inverse.
  inputs.slots.assign(sizes.size() * longest, -1);
  std::int32_t node = 0;
  for (std::size_t group = 0; group < sizes.size(); ++group) {
    for (std::size_t place = group * longest; place < group * longest + sizes[group]; ++place) {
      inputs.slots[place] = node++;
      inputs.slot_of_node.push_back(static_cast<std::int32_t>(place));
    }
  }
}

}  // namespace

HitClassifier::HitClassifier(const std::filesystem::path& path, const LoadOptions& options) {
  const std::string content = onnx_file::read_model_bytes(path);
  const onnx_file::ModelFile file = onnx_file::parse_model(content, path.string());
  if (options.backend == BackendChoice::automatic) {
    engine_obstacle_ =
        inference::engine_obstacle(file, onnx_file::from_properties(file.metadata, path.string()));
  }
  if (options.backend != BackendChoice::onnxruntime && engine_obstacle_.empty()) {
    model_ = std::make_unique<EngineModel>(content, path, file);
  } else {
    model_ = make_onnx_model(content, path, options.session, file);
  }
}

float HitClassifier::threshold(const std::string& working_point) const {
  return onnx_file::threshold(model_->metadata(), working_point, model_->path().string());
}

std::vector<float> HitClassifier::scores(const core::Event& event) const {
  return scores_batch({&event, 1}).front();
}

std::vector<std::vector<float>> HitClassifier::scores_batch(
    std::span<const core::Event> events) const {
  const PreparedEvents prepared = prepare(events);
  const std::vector<float> logits = node_logits(prepared);
  std::vector<std::vector<float>> scores;
  std::size_t first = 0;
  for (std::size_t e = 0; e < events.size(); ++e) {
    const graph::NodeTable& nodes = prepared.nodes[e];
    scores.push_back(graph::hit_scores(nodes, std::span(logits).subspan(first, nodes.size()),
                                       events[e].hits.size()));
    first += nodes.size();
  }
  return scores;
}

PreparedEvents HitClassifier::prepare(std::span<const core::Event> events) const {
  PreparedEvents prepared;
  for (const core::Event& event : events) append(prepared, inputs_of(event));
  finish(prepared);
  return prepared;
}

PreparedEvents HitClassifier::prepare(features::EventInputs event) const {
  const std::string where = "an event of " + std::to_string(event.nodes.size()) + " nodes";
  check_inputs(event, where);
  PreparedEvents prepared;
  append(prepared, std::move(event));
  finish(prepared);
  return prepared;
}

// Neighbors are built only if the model needs them.
features::EventInputs HitClassifier::inputs_of(const core::Event& event) const {
  check_event(event, describe(event));
  const InputNeeds needs = model_->needs();
  const bool needed = needs.neighbors || needs.edges;
  features::EventInputs inputs =
      features::build_inputs(event, model_->graph(), model_->metadata().feature_names,
                             needed ? features::Neighbors::build : features::Neighbors::leave_out);
  if (takes_pairs()) check_pair_count(inputs.nodes, describe(event));
  return inputs;
}

// An edge list of a fully connected graph has all pairs of a group.
bool HitClassifier::takes_pairs() const {
  return model_->needs().edges && !graph::has_table(model_->graph());
}

void HitClassifier::check_inputs(const features::EventInputs& event,
                                 const std::string& where) const {
  const std::size_t expected = event.nodes.size() * model_->metadata().feature_names.size();
  if (event.features.values.size() != expected) {
    throw std::invalid_argument(where + " has " + std::to_string(event.features.values.size()) +
                                " values of features, the model takes " + std::to_string(expected));
  }
  if (takes_pairs()) check_pair_count(event.nodes, where);
}

void HitClassifier::append(PreparedEvents& prepared, features::EventInputs event) const {
  ModelInputs& inputs = prepared.inputs;
  const InputNeeds needs = model_->needs();
  append_to(inputs.features, std::move(event.features.values));
  if (needs.neighbors) append_neighbors(inputs, std::move(event.neighbors));
  if (needs.offsets) append_offsets(inputs, event.nodes);
  if (needs.edges) append_edges(inputs, event.nodes, event.neighbors, inputs.n_nodes);
  if (needs.event_of_node) {
    const auto number = static_cast<std::int32_t>(prepared.nodes.size());
    inputs.event_of_node.insert(inputs.event_of_node.end(), event.nodes.size(), number);
  }
  inputs.n_nodes += event.nodes.size();
  prepared.nodes.push_back(std::move(event.nodes));
}

// Fills in what belongs to all events of a call together.
void HitClassifier::finish(PreparedEvents& prepared) const {
  const InputNeeds needs = model_->needs();
  prepared.inputs.k = needs.neighbors ? model_->graph().k : 0;
  if (needs.slots) add_slots(prepared);
}

std::vector<float> HitClassifier::node_logits(const PreparedEvents& prepared) const {
  const bool nothing_to_do =
      prepared.inputs.n_nodes == 0;  // models from other sources may fail on empty inputs
  return nothing_to_do ? std::vector<float>() : model_->run(prepared.inputs);
}

}  // namespace stationhit::inference
