// The kind of a stage selects the function that adds its operations. Encodings and what stands
// beside them are no values: the stages that read them make them a block at a time. A stage with a
// residual sum overwrites its input where nobody reads it any more.
#include "compiler.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "attention.hpp"
#include "station_maps.hpp"

namespace stationhit::engine {
namespace {

using architecture::Stage;
using architecture::StageKind;

constexpr std::size_t size_of(std::int64_t n) { return static_cast<std::size_t>(n); }

class Compiler {
 public:
  Compiler(const architecture::NetworkDescription& network, const Weights& weights,
           Neighborhood neighborhood, Precision precision)
      : network_(network), weights_(weights, precision), neighborhood_(neighborhood) {}

  CompiledNetwork compile();

 private:
  void add(const Stage& stage);
  void add_layers(const Stage& stage);
  void add_concatenation(const Stage& stage);
  void add_edge_convolution(const Stage& stage);
  void add_graph_attention(const Stage& stage);
  void add_self_attention(const Stage& stage);
  [[nodiscard]] std::vector<LinearWeights> projections(const std::string& name,
                                                       std::size_t width) const;
  void add_station_map(const Stage& stage);
  [[nodiscard]] std::vector<LinearWeights> first_convolution(const std::string& name,
                                                             std::size_t channels,
                                                             std::size_t out) const;
  [[nodiscard]] LinearWeights convolution(const std::string& name, std::size_t channels) const;
  void add_compaction(const Stage& stage);
  void add_merge(const Stage& stage);

  [[nodiscard]] const Stage& stage_named(const std::string& name) const;
  [[nodiscard]] const Stage* encoding_named(const std::string& name) const;
  [[nodiscard]] OperandPointer operand_of(const Stage& stage) const;
  [[nodiscard]] OperandPointer encoded(const Stage& encoding, const Stage& reader) const;
  [[nodiscard]] Value value_of(const std::string& name) const { return values_.at(name); }
  [[nodiscard]] std::optional<Value> after_of(const Stage& stage) const;
  [[nodiscard]] std::size_t row_set(const std::string& name) const;
  [[nodiscard]] std::size_t graph(const std::string& name) const;
  int edge_buffer(const Stage& stage);

  [[nodiscard]] bool is_last_reader(const Stage& stage, const std::string& input) const;
  Value output_of(const Stage& stage);
  // A value that only the operations of one stage use.
  Value temporary(const Stage& stage, std::size_t width);
  int take_buffer();
  void release_buffers(const Stage& stage);

  // An operation that does a part of the stage, which `text` says.
  template <class Kind, class... Arguments>
  void emit_part(std::string text, Arguments&&... arguments) {
    result_.operations.push_back(std::make_unique<Kind>(std::forward<Arguments>(arguments)...));
    result_.descriptions.push_back({stage_->name, std::move(text)});
  }
  template <class Kind, class... Arguments>
  void emit(Arguments&&... arguments) {
    emit_part<Kind>(stage_->text, std::forward<Arguments>(arguments)...);
  }

  const architecture::NetworkDescription& network_;
  WeightReader weights_;
  Neighborhood neighborhood_;
  CompiledNetwork result_;
  const Stage* stage_ = nullptr;  // whose operations are added
  std::map<std::string, Value> values_;
  std::map<std::string, float> thresholds_;  // by row sets
  std::map<std::string, int> edge_buffers_;  // by graphs
  std::vector<int> free_buffers_, temporaries_;
};

const Stage& Compiler::stage_named(const std::string& name) const {
  return *std::ranges::find(network_.stages, name, &Stage::name);
}

const Stage* Compiler::encoding_named(const std::string& name) const {
  const auto found = std::ranges::find(network_.stages, name, &Stage::name);
  if (found == network_.stages.end() || found->kind != StageKind::encoding) return nullptr;
  return &*found;
}

std::size_t Compiler::row_set(const std::string& name) const {
  const auto found = std::ranges::find(network_.row_sets, name, &architecture::RowSet::name);
  return static_cast<std::size_t>(found - network_.row_sets.begin());
}

std::size_t Compiler::graph(const std::string& name) const {
  const auto found =
      std::ranges::find(network_.graphs, name, &architecture::GraphDescription::name);
  return static_cast<std::size_t>(found - network_.graphs.begin());
}

std::optional<Value> Compiler::after_of(const Stage& stage) const {
  if (!stage.is_residual) return std::nullopt;
  return value_of(stage.inputs.front());
}

OperandPointer Compiler::encoded(const Stage& encoding, const Stage& reader) const {
  return std::make_shared<EncodedOperand>(value_of(encoding.inputs.front()), encoding,
                                          reader.columns, network_.feature_names, weights_);
}

OperandPointer Compiler::operand_of(const Stage& stage) const {
  const std::string& name = stage.inputs.front();
  if (const Stage* encoding = encoding_named(name)) return encoded(*encoding, stage);
  if (!stage.columns.empty())
    throw std::invalid_argument("the stage " + stage.name + " reads columns of " + name);
  if (values_.contains(name)) {
    if (stage.has_norm)
      return std::make_shared<NormedOperand>(value_of(name), weights_, stage.name);
    return std::make_shared<ValueOperand>(value_of(name));
  }
  // An encoding with something beside it.
  std::vector<OperandPointer> parts;
  for (const std::string& part : stage_named(name).inputs) {
    const Stage* encoding = encoding_named(part);
    parts.push_back(encoding != nullptr ? encoded(*encoding, stage)
                                        : std::make_shared<ValueOperand>(value_of(part)));
  }
  return std::make_shared<JoinedOperand>(std::move(parts));
}

int Compiler::take_buffer() {
  if (free_buffers_.empty()) return static_cast<int>(result_.n_buffers++);
  const int buffer = free_buffers_.back();
  free_buffers_.pop_back();
  return buffer;
}

Value Compiler::temporary(const Stage& stage, std::size_t width) {
  temporaries_.push_back(take_buffer());
  return {temporaries_.back(), width, row_set(stage.rows)};
}

bool Compiler::is_last_reader(const Stage& stage, const std::string& input) const {
  const auto reads = [&](const Stage& other) {
    return std::ranges::find(other.inputs, input) != other.inputs.end();
  };
  const auto is_kept = [&](const Stage& other) {
    return reads(other) &&
           (other.kind == StageKind::encoding || other.kind == StageKind::concatenation);
  };
  if (std::ranges::any_of(network_.stages, is_kept)) return false;
  return std::none_of(network_.stages.begin() + (&stage - network_.stages.data()) + 1,
                      network_.stages.end(), reads);
}

Value Compiler::output_of(const Stage& stage) {
  const std::string& input = stage.inputs.front();
  const bool reads_while_writing = stage.kind == StageKind::linear && !stage.has_norm;
  int buffer = -1;
  if (stage.is_residual && !reads_while_writing && is_last_reader(stage, input))
    buffer = value_of(input).buffer;
  const Value out{buffer < 0 ? take_buffer() : buffer, size_of(stage.width), row_set(stage.rows)};
  values_[stage.name] = out;
  return out;
}

void Compiler::release_buffers(const Stage& stage) {
  free_buffers_.insert(free_buffers_.end(), temporaries_.begin(), temporaries_.end());
  temporaries_.clear();
  std::vector<std::string> inputs = stage.inputs;
  std::ranges::sort(inputs);
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
  for (const std::string& input : inputs) {
    const auto value = values_.find(input);
    if (value == values_.end() || value->second.buffer < 0 || !is_last_reader(stage, input))
      continue;
    const auto own = values_.find(stage.name);
    const bool taken_over = own != values_.end() && own->second.buffer == value->second.buffer;
    if (!taken_over) free_buffers_.push_back(value->second.buffer);
  }
}

// Linear, feed-forward and head: linear layers with the activation between them, and behind the
// last one of a linear stage.
void Compiler::add_layers(const Stage& stage) {
  OperandPointer input = operand_of(stage);
  std::vector<Layer> layers;
  std::size_t in = input->columns();
  for (const std::string& name : stage.linear_layers) {
    const auto found =
        std::ranges::find(stage.tensors, name + ".bias", &architecture::TensorDescription::name);
    const std::size_t out = size_of(found->shape.front());
    const bool is_last = &name == &stage.linear_layers.back();
    const bool activated = !is_last || stage.kind == StageKind::linear;
    layers.push_back({weights_.linear(name, in, out),
                      activated ? ActivationStep(stage.activation) : ActivationStep()});
    in = out;
  }
  const auto after = after_of(stage);
  emit<RowLayers>(std::move(input), std::move(layers), after, output_of(stage));
}

void Compiler::add_concatenation(const Stage& stage) {
  const auto is_no_value = [&](const std::string& part) { return !values_.contains(part); };
  if (std::ranges::any_of(stage.inputs, is_no_value)) return;
  std::vector<Value> parts;
  for (const std::string& part : stage.inputs) parts.push_back(value_of(part));
  emit<Concatenation>(std::move(parts), output_of(stage));
}

int Compiler::edge_buffer(const Stage& stage) {
  const auto found = edge_buffers_.find(stage.graph);
  if (found != edge_buffers_.end()) return found->second;
  const Stage& encoding = stage_named(stage.edge_encoding);
  // Buffers of values are reused; this one stays until the end.
  const int buffer = static_cast<int>(result_.n_buffers++);
  const Value features = value_of(encoding.inputs.front());
  emit_part<EdgeNumbers>(
      "numbers of the edges",
      NormalizedNumbers(features, encoding, network_.feature_names, stage.edge_columns, weights_),
      features, buffer);
  return edge_buffers_[stage.graph] = buffer;
}

void Compiler::add_edge_convolution(const Stage& stage) {
  EdgeConvolutionParts parts;
  parts.input = operand_of(stage);
  const std::size_t in = parts.input->columns(), width = size_of(stage.width);
  const std::string& first = stage.linear_layers.front();
  parts.graph = graph(stage.graph);
  parts.neighborhood = neighborhood_;
  parts.aggregation = stage.aggregation.value();
  parts.activation = ActivationStep(stage.activation);
  parts.own = weights_.layer(first + ".own", first + ".bias", in, width);
  parts.other = weights_.layer(first + ".other", "", in, width);
  if (stage.linear_layers.size() > 1) {
    const std::string& second = stage.linear_layers.back();
    parts.second = weights_.either_way(second + ".weight", width, width);
    parts.second_bias = weights_.padded(second + ".bias", width);
  }
  if (!stage.edge_columns.empty()) {
    if (neighborhood_ == Neighborhood::group) {
      throw std::invalid_argument("the stage " + stage.name +
                                  " reads values of edges, which groups do not have");
    }
    parts.of_edges =
        weights_.either_way(stage.name + ".edges.weight", stage.edge_columns.size(), width);
    parts.edge_buffer = edge_buffer(stage);
  }
  parts.after = after_of(stage);
  parts.p = temporary(stage, width);
  parts.q = temporary(stage, width);
  parts.visits_edges = EdgeConvolution::visits_edges(stage);
  if (parts.visits_edges && neighborhood_ == Neighborhood::group)
    parts.totals = temporary(stage, width);
  parts.out = output_of(stage);
  emit<EdgeConvolution>(std::move(parts));
}

void Compiler::add_graph_attention(const Stage& stage) {
  GraphAttentionParts parts;
  parts.input = operand_of(stage);
  const std::size_t width = size_of(stage.width);
  parts.graph = graph(stage.graph);
  parts.heads = size_of(stage.heads);
  parts.neighborhood = neighborhood_;
  parts.values = weights_.layer(stage.name + ".weight", "", width, width);
  parts.target = weights_.layer(stage.name + ".target", "", width, parts.heads);
  parts.source = weights_.layer(stage.name + ".source", "", width, parts.heads);
  parts.bias = weights_.padded(stage.name + ".bias", width);
  parts.activation = ActivationStep(stage.activation);
  parts.after = after_of(stage);
  parts.value_rows = temporary(stage, width);
  parts.target_rows = temporary(stage, parts.heads);
  parts.source_rows = temporary(stage, parts.heads);
  parts.attended = temporary(stage, width);
  parts.out = output_of(stage);
  emit<GraphAttention>(std::move(parts));
}

// Queries, keys and values: together in one product, unless one of them is in int8.
std::vector<LinearWeights> Compiler::projections(const std::string& name, std::size_t width) const {
  const auto parts = {"0", "1", "2"};
  const std::string weight_of = name + ".weight.", bias_of = name + ".bias.";
  const auto is_int8 = [&](const char* part) { return weights_.is_int8(weight_of + part); };
  std::vector<LinearWeights> result;
  if (std::ranges::any_of(parts, is_int8)) {
    for (const char* part : parts)
      result.push_back(weights_.layer(weight_of + part, bias_of + part, width, width));
    return result;
  }
  std::vector<float> weight, bias;
  for (const char* part : parts) {
    std::ranges::copy(weights_.at(weight_of + part, width * width), std::back_inserter(weight));
    std::ranges::copy(weights_.at(bias_of + part, width), std::back_inserter(bias));
  }
  result.push_back(weights_.packed({weight.data(), 3 * width, width}, bias));
  return result;
}

void Compiler::add_self_attention(const Stage& stage) {
  const std::size_t width = size_of(stage.width);
  const std::string& out = stage.linear_layers.back();
  SelfAttentionParts parts;
  parts.input = operand_of(stage);
  parts.heads = size_of(stage.heads);
  parts.projections = projections(stage.linear_layers.front(), width);
  parts.last = weights_.linear(out, width, width);
  parts.after = after_of(stage);
  parts.out = output_of(stage);
  emit<SelfAttention>(std::move(parts));
}

// For each station layer what a cell with these channels adds to the nine cells around it.
std::vector<LinearWeights> Compiler::first_convolution(const std::string& name,
                                                       std::size_t channels,
                                                       std::size_t out) const {
  constexpr auto n_layers = size_of(architecture::n_station_layers);
  const auto weight = weights_.at(name + ".weight", out * n_layers * channels * 9);
  const std::size_t padded = kernels::padded_columns(out);
  std::vector<LinearWeights> of_layers;
  for (std::size_t layer = 0; layer < n_layers; ++layer) {
    std::vector<float> values(9 * padded * channels, 0.0F);
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t cell = 0; cell < 9; ++cell) {
          values[(cell * padded + o) * channels + c] =
              weight[((o * n_layers + layer) * channels + c) * 9 + cell];
        }
      }
    }
    of_layers.push_back(weights_.packed({values.data(), 9 * padded, channels}));
  }
  return of_layers;
}

// [out, in, 3, 3] -> [out, 9 x in]
LinearWeights Compiler::convolution(const std::string& name, std::size_t channels) const {
  const auto weight = weights_.at(name + ".weight", channels * channels * 9);
  std::vector<float> by_cell(weight.size());
  for (std::size_t out = 0; out < channels; ++out) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t cell = 0; cell < 9; ++cell)
        by_cell[(out * 9 + cell) * channels + c] = weight[(out * channels + c) * 9 + cell];
    }
  }
  return weights_.packed({by_cell.data(), channels, 9 * channels},
                         weights_.at(name + ".bias", channels));
}

void Compiler::add_station_map(const Stage& stage) {
  StationMapParts parts;
  parts.map = stage.map.value();
  parts.normed = operand_of(stage);
  parts.features = value_of(stage.inputs.at(1));
  parts.inside = temporary(stage, 2);
  parts.placed = std::make_shared<JoinedOperand>(
      std::vector<OperandPointer>{parts.normed, std::make_shared<ValueOperand>(parts.inside)});
  const std::size_t width = size_of(stage.width), channels = size_of(parts.map.channels),
                    read = size_of(parts.map.read_channels());
  parts.in = weights_.linear(stage.linear_layers.at(0), width + 2, channels);
  const auto& convolutions = parts.map.convolutions;
  parts.first_convolution = first_convolution(convolutions.front(), channels, read);
  parts.first_bias = weights_.padded(convolutions.front() + ".bias", read);
  for (const std::string& name : std::span(convolutions).subspan(1))
    parts.convolutions.push_back(convolution(name, read));
  parts.hidden = {weights_.linear(stage.linear_layers.at(1), width + read + 2, width),
                  ActivationStep(stage.activation)};
  parts.last = weights_.linear(stage.linear_layers.at(2), width, width);
  parts.after = after_of(stage);
  parts.out = output_of(stage);
  emit<StationMaps>(std::move(parts));
}

void Compiler::add_compaction(const Stage& stage) {
  if (!thresholds_.contains(stage.rows)) {
    const float threshold = weights_.at(stage.tensors.at(0).name, 1).front();
    thresholds_[stage.rows] = threshold;
    std::vector<KeptGraph> graphs;
    for (const auto& of_network : network_.graphs) {
      if (of_network.rows == stage.rows)
        graphs.push_back({graph(of_network.name), size_of(of_network.columns)});
    }
    emit_part<RowSelection>("choice of the rows", value_of(stage.inputs.at(1)), threshold,
                            row_set(stage.rows), std::move(graphs));
  }
  const Value from = value_of(stage.inputs.front());
  emit<KeptRows>(from, output_of(stage));
}

void Compiler::add_merge(const Stage& stage) {
  const Value first = value_of(stage.inputs.at(0)), second = value_of(stage.inputs.at(1));
  const float threshold = thresholds_.at(stage_named(stage.inputs.at(1)).rows);
  emit<Merge>(first, second, threshold, output_of(stage));
}

void Compiler::add(const Stage& stage) {
  switch (stage.kind) {
    case StageKind::encoding:
      return;
    case StageKind::linear:
    case StageKind::feed_forward:
    case StageKind::head:
      return add_layers(stage);
    case StageKind::concatenation:
      return add_concatenation(stage);
    case StageKind::edge_convolution:
      return add_edge_convolution(stage);
    case StageKind::graph_attention:
      return add_graph_attention(stage);
    case StageKind::self_attention:
      return add_self_attention(stage);
    case StageKind::station_map:
      return add_station_map(stage);
    case StageKind::compaction:
      return add_compaction(stage);
    case StageKind::merge:
      return add_merge(stage);
    case StageKind::pooling:
    case StageKind::spreading:
      break;
  }
  throw std::invalid_argument("the engine does not know the kind of the stage " + stage.name);
}

CompiledNetwork Compiler::compile() {
  values_[architecture::features_stage] = {-1, network_.feature_names.size(), row_set("nodes")};
  for (const Stage& stage : network_.stages) {
    stage_ = &stage;
    add(stage);
    release_buffers(stage);
  }
  result_.n_features = network_.feature_names.size();
  result_.n_row_sets = network_.row_sets.size();
  for (const auto& of_network : network_.graphs)
    result_.graphs.push_back({size_of(of_network.columns), of_network.rows == "nodes"});
  result_.logits = value_of(network_.stages.back().name);
  const bool sees_neighbors = reaches(network_, architecture::Reach::neighbors);
  const bool by_table = neighborhood_ == Neighborhood::table;
  result_.needs = {sees_neighbors && by_table,
                   reaches(network_, architecture::Reach::groups) || (sees_neighbors && !by_table),
                   reaches(network_, architecture::Reach::event)};
  return std::move(result_);
}

}  // namespace

CompiledNetwork compile(const architecture::NetworkDescription& network, const Weights& weights,
                        Neighborhood neighborhood, Precision precision) {
  return Compiler(network, weights, neighborhood, precision).compile();
}

}  // namespace stationhit::engine
