// Events are prepared one by one and concatenated: node numbers of later events are shifted by the
// nodes before them, and the slot table is made once at the end, when the size of the largest group
// is known. Nothing connects events, so the logits of a node do not depend on what else is in the
// call.
#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/object_pool.hpp>
#include <stationhit/features/column_needs.hpp>
#include <stationhit/graph/hit_scores.hpp>
#include <stationhit/inference/edge_list.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/inference/load_warnings.hpp>

#include "builder_for.hpp"
#include "onnx_runtime.hpp"

namespace stationhit::inference {
namespace {

void append_number(std::string& text, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

// In memory that is used again.
void describe(const core::EventHeader& header, std::string& text) {
  text = "run ";
  append_number(text, header.run_number);
  text += ", event ";
  append_number(text, header.event_number);
}

// Everything that would be read out of range.
void check_event(const core::Event& event, const std::string& where) {
  core::check_consistency(event, where);
  features::check_technologies(event.hits.technology, where);
}

void check_number_of_scores(std::size_t n_scores, std::size_t n_hits) {
  if (n_scores == n_hits) return;
  throw std::invalid_argument("there is room for " + std::to_string(n_scores) +
                              " scores, but the event has " + std::to_string(n_hits) + " hits");
}

void append_neighbors(ModelInputs& inputs, const graph::NeighborTable& table) {
  const auto first = static_cast<std::int32_t>(inputs.n_nodes);
  for (const std::int32_t node : table.index)
    inputs.neighbors.push_back(node == graph::no_neighbor ? node : node + first);
}

void append_offsets(ModelInputs& inputs, const graph::NodeTable& nodes) {
  if (inputs.offsets.empty()) inputs.offsets.push_back(0);
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    inputs.offsets.push_back(static_cast<std::int64_t>(inputs.n_nodes) + nodes.offsets[group + 1]);
  }
}

void clear(ModelInputs& inputs) {
  inputs.n_nodes = 0;
  inputs.features.clear();
  inputs.neighbors.clear();
  inputs.longest = 1;
  inputs.slots.clear();
  inputs.slot_of_node.clear();
  inputs.event_of_node.clear();
  inputs.edge_sources.clear();
  inputs.edge_destinations.clear();
  inputs.offsets.clear();
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

// What only the engine computes, and only for float32 files.
void require_engine(const LoadOptions& options, const onnx_file::ModelFile& file,
                    const std::string& where) {
  const std::string precision = "the precision " + std::string(core::name(options.precision));
  if (options.backend == BackendChoice::onnxruntime) {
    throw core::UsageError(precision +
                           " is one of the engine, and ONNX Runtime was asked for to "
                           "run " +
                           where + "; leave out one of the two");
  }
  if (!onnx_file::from_properties(file.metadata, where).quantization_json.empty()) {
    throw core::UsageError(where + ": " + precision +
                           " is for float32 files, and this one is int8; leave it out, or take the "
                           "file that it was made from");
  }
}

std::unique_ptr<const features::ColumnNeeds> column_needs_of(const Model& model) {
  return std::make_unique<const features::ColumnNeeds>(model.metadata().feature_names,
                                                       model.graph(), features::NeededBy::model);
}

}  // namespace

// The memory of one call of scores() or prepare().
struct HitClassifier::Call {
  explicit Call(features::InputBuilder of_events) : builder(std::move(of_events)) {}

  features::InputBuilder builder;
  features::EventInputs event;
  PreparedEvents prepared;
  std::vector<float> logits;
  std::string where;
  features::ZeroColumns zeros;
};

struct HitClassifier::Calls {
  core::ObjectPool<Call> pool;

  [[nodiscard]] core::ObjectPool<Call>::Loan borrow(const Model& model) {
    return pool.borrow([&] { return Call(builder_for(model)); });
  }
};

HitClassifier::HitClassifier(std::unique_ptr<const Model> model)
    : model_(std::move(model)),
      column_needs_(column_needs_of(*model_)),
      calls_(std::make_unique<Calls>()) {}

HitClassifier::HitClassifier(const std::filesystem::path& path, const LoadOptions& options)
    : calls_(std::make_unique<Calls>()) {
  const std::string content = onnx_file::read_model_bytes(path);
  const onnx_file::ModelFile file = onnx_file::parse_model(content, path.string());
  const bool in_float32 = options.precision == Precision::float32;
  if (!in_float32) require_engine(options, file, path.string());
  if (options.backend == BackendChoice::automatic && in_float32) {
    engine_obstacle_ =
        inference::engine_obstacle(file, onnx_file::from_properties(file.metadata, path.string()));
  }
  if (options.backend != BackendChoice::onnxruntime && engine_obstacle_.empty()) {
    model_ = std::make_unique<EngineModel>(content, path, file, options.precision);
  } else {
    model_ = make_onnx_model(content, path, options.session, file);
  }
  column_needs_ = column_needs_of(*model_);
  log_loading(*model_, engine_obstacle_, options.log);
}

HitClassifier::~HitClassifier() = default;
HitClassifier::HitClassifier(HitClassifier&&) noexcept = default;
HitClassifier& HitClassifier::operator=(HitClassifier&&) noexcept = default;

float HitClassifier::threshold(const std::string& working_point) const {
  return onnx_file::threshold(model_->metadata(), working_point, model_->path().string());
}

std::vector<float> HitClassifier::scores(const core::Event& event) const {
  std::vector<float> result(event.hits.size());
  scores(event, result);
  return result;
}

void HitClassifier::scores(const core::Event& event, std::span<float> scores) const {
  const auto call = calls_->borrow(*model_);
  describe(event.header, call->where);
  check_event(event, call->where);
  check_number_of_scores(scores.size(), event.hits.size());
  score(event, *call, scores);
}

std::vector<float> HitClassifier::scores(const core::EventColumns& event) const {
  std::vector<float> result(event.hits.size());
  scores(event, result);
  return result;
}

void HitClassifier::scores(const core::EventColumns& event, std::span<float> scores) const {
  const auto call = calls_->borrow(*model_);
  describe(event.header, call->where);
  core::check_consistency(event, call->where);
  column_needs_->check(event, call->where);
  features::check_technologies(event.hits.technology, call->where);
  check_number_of_scores(scores.size(), event.hits.size());
  score(event, *call, scores);
}

void HitClassifier::scores_unchecked(const core::EventColumns& event,
                                     std::span<float> scores) const {
  const auto call = calls_->borrow(*model_);
  describe(event.header, call->where);
  score(event, *call, scores);
}

std::vector<std::string> HitClassifier::needed_columns(EventBuckets buckets) const {
  return column_needs_->names(buckets == EventBuckets::present);
}

// The path of every event that is scored alone.
void HitClassifier::score(const core::EventColumns& event, Call& call,
                          std::span<float> scores) const {
  clear(call.prepared.inputs);
  call.prepared.nodes.resize(1);
  prepare_next(event, 0, call, call.prepared);
  finish(call.prepared);
  call.logits.resize(call.prepared.inputs.n_nodes);
  node_logits(call.prepared, call.logits);
  graph::fill_hit_scores(call.prepared.nodes.front(), call.logits, scores);
}

std::vector<std::vector<float>> HitClassifier::scores_batch(
    std::span<const core::Event> events) const {
  const auto call = calls_->borrow(*model_);
  prepare(events, *call, call->prepared);
  const std::vector<float> logits = node_logits(call->prepared);
  std::vector<std::vector<float>> scores;
  std::size_t first = 0;
  for (std::size_t e = 0; e < events.size(); ++e) {
    const graph::NodeTable& nodes = call->prepared.nodes[e];
    scores.push_back(graph::hit_scores(nodes, std::span(logits).subspan(first, nodes.size()),
                                       events[e].hits.size()));
    first += nodes.size();
  }
  return scores;
}

PreparedEvents HitClassifier::prepare(std::span<const core::Event> events) const {
  PreparedEvents prepared;
  prepare(events, prepared);
  return prepared;
}

void HitClassifier::prepare(std::span<const core::Event> events, PreparedEvents& prepared) const {
  prepare(events, *calls_->borrow(*model_), prepared);
}

void HitClassifier::prepare(std::span<const core::Event> events, Call& call,
                            PreparedEvents& prepared) const {
  clear(prepared.inputs);
  prepared.nodes.resize(events.size());
  for (std::size_t e = 0; e < events.size(); ++e) {
    describe(events[e].header, call.where);
    check_event(events[e], call.where);
    prepare_next(events[e], e, call, prepared);
  }
  finish(prepared);
}

// call.where: of this event.
void HitClassifier::prepare_next(core::EventColumns event, std::size_t number, Call& call,
                                 PreparedEvents& prepared) const {
  call.zeros.fill_in(event.hits);
  call.builder.build(event, call.event);
  if (takes_pairs()) check_pair_count(call.event.nodes, call.where);
  append(prepared, number, call.event);
}

PreparedEvents HitClassifier::prepare(features::EventInputs event) const {
  const std::string where = "an event of " + std::to_string(event.nodes.size()) + " nodes";
  check_inputs(event, where);
  PreparedEvents prepared;
  prepared.nodes.resize(1);
  append(prepared, 0, event);
  finish(prepared);
  return prepared;
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

// What the first event of a call has, which is usually the only one, is exchanged and not copied:
// both sides keep their memory.
void HitClassifier::append(PreparedEvents& prepared, std::size_t number,
                           features::EventInputs& event) const {
  ModelInputs& inputs = prepared.inputs;
  const InputNeeds needs = model_->needs();
  if (needs.offsets) append_offsets(inputs, event.nodes);
  if (needs.edges) append_edges(inputs, event.nodes, event.neighbors, inputs.n_nodes);
  if (needs.event_of_node)
    inputs.event_of_node.resize(inputs.event_of_node.size() + event.nodes.size(),
                                static_cast<std::int32_t>(number));
  if (number == 0) {
    std::swap(inputs.features, event.features.values);
    if (needs.neighbors) std::swap(inputs.neighbors, event.neighbors.index);
  } else {
    inputs.features.insert(inputs.features.end(), event.features.values.begin(),
                           event.features.values.end());
    if (needs.neighbors) append_neighbors(inputs, event.neighbors);
  }
  inputs.n_nodes += event.nodes.size();
  std::swap(prepared.nodes[number], event.nodes);
}

// Fills in what belongs to all events of a call together.
void HitClassifier::finish(PreparedEvents& prepared) const {
  const InputNeeds needs = model_->needs();
  prepared.inputs.k = needs.neighbors ? model_->graph().k : 0;
  if (needs.slots) add_slots(prepared);
}

std::vector<float> HitClassifier::node_logits(const PreparedEvents& prepared) const {
  std::vector<float> logits(prepared.inputs.n_nodes);
  node_logits(prepared, logits);
  return logits;
}

void HitClassifier::node_logits(const PreparedEvents& prepared, std::span<float> logits) const {
  // Models from other sources may fail on empty inputs.
  if (prepared.inputs.n_nodes > 0) model_->run(prepared.inputs, logits);
}

}  // namespace stationhit::inference
