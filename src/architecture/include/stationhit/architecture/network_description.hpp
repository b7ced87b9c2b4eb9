// The parts of a network, described once and without Torch: its stages, their tensors with shapes,
// and which stage reads which. Cost, drawing, pruning, the exporter's choice of inputs and the
// tests of the Torch networks read this.
//
// A network is a directed graph of stages. Every stage has one output, a matrix [rows, width] that
// carries the stage's name; stages that read the same output run side by side.
//   * Parallel branches (the bands of edgeconv_attention): several stages with the same input and
//     a `concatenation` that names all of them.
//   * Several graphs: every stage that looks at other rows names the graph along which it looks;
//     `graphs` lists them with the row set on which each is built.
//   * Two stages with a compaction between them: a `compaction` reads a hidden output and the first
//     logits and gives the rows of a row set of kind `kept`; later stages run on these rows, along
//     a graph of these rows; a `merge` of both logits goes back to the nodes.
//   * Tokens of groups: a `pooling` gives one row per group of a graph, a row set of kind
//     `groups`; stages on it see each other along a graph of their own; a `spreading` gives every
//     node the row of its group.
// tests/unit/architecture/future_networks.hpp builds one of each.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::architecture {

// Hidden units that belong together: the entries of tensor dimensions that run over them stay or go
// together.
struct Axis {
  std::string name;  // "width", "scales", "head.0", "attention.2", "feed_forward.2"
  // Sizes of its parts, one after the other (attention heads, bands): they sum to the size of the
  // axis. A smaller network keeps the best units of every part, or fewer parts as a whole.
  std::vector<std::int64_t> parts;

  [[nodiscard]] std::int64_t size() const;
  bool operator==(const Axis&) const = default;
};

// Whether the entries of the other dimensions are the weights that make the unit, or weights that
// act on it.
enum class AxisRole { makes, reads };

// Dimension `dimension` of a tensor: its entry i belongs to unit units[i] of the axis, or to none
// (-1), in which case it always stays.
struct AxisUse {
  std::string axis;
  std::int64_t dimension = 0;
  std::vector<std::int64_t> units;
  AxisRole role = AxisRole::reads;
};

enum class TensorKind {
  parameter,     // trained
  buffer,        // constant
  normalization  // constant, absent from a network without normalization
};

struct TensorDescription {
  std::string name;  // "blocks.0.message.0.weight", as in checkpoints and ONNX files
  std::vector<std::int64_t> shape;
  TensorKind kind = TensorKind::parameter;
  std::vector<AxisUse> axes = {};  // in the order of the dimensions
  bool is_flattened = false;       // all its dimensions together are the one of `axes`
  // Query, key and value one below the other; the scores of queries are divided by the root of the
  // width of a head.
  bool has_queries = false;

  [[nodiscard]] std::int64_t size() const;
};

enum class StageKind {
  encoding,          // features -> encoded input
  linear,            // activation(linear layer)
  edge_convolution,  // EdgeConv
  graph_attention,   // activation(additive attention over the neighbors)
  self_attention,    // scaled dot product attention inside groups
  feed_forward,      // linear layer, activation, linear layer
  concatenation,     // outputs of its inputs beside each other
  pooling,           // rows -> one row per group
  spreading,         // one row per group -> its rows
  station_map,       // what hits write into maps of the station layers, and read from them
  compaction,        // rows -> those that are kept
  merge,             // kept rows -> all rows, the others keep what they had
  head               // linear layers with the activation between them -> logits
};

// Which other rows a stage looks at along its graph.
enum class Reach { own_row, neighbors, groups, event };

// Multiplications and additions of matrix products and weighted sums, in the factorized form in
// which the networks run.
struct Work {
  std::uint64_t flops_per_row = 0;   // once per row of the output, ...
  std::uint64_t flops_per_edge = 0;  // ... once per edge of the graph, ...
  std::uint64_t flops_per_pair = 0;  // ... once per pair of rows of one group of the graph
  std::uint64_t flops_per_event = 0;

  Work& operator+=(const Work& other);
};

// The columns [first, end).
struct ColumnRange {
  std::int64_t first = 0, end = 0;
};

// Features that say where a hit is in the maps of a station_map, in this order.
inline constexpr std::array<const char*, 4> map_features{"phi", "theta", "stationLayer",
                                                         "nBuckets"};
inline constexpr std::int64_t n_station_layers = 4;  // values of the feature stationLayer

// Of a station_map.
struct StationMap {
  std::int64_t phi_cells = 0, theta_cells = 0;
  std::int64_t channels = 0;                   // of each layer
  std::vector<std::int64_t> columns = {};      // of map_features among the features
  std::vector<std::string> convolutions = {};  // names, as linear_layers
  [[nodiscard]] std::int64_t cells() const { return phi_cells * theta_cells; }
  [[nodiscard]] std::int64_t read_channels() const { return 2 * channels; }
};

// The input of a network, as stages name it.
inline constexpr const char* features_stage = "features";

struct Stage {
  std::string name;  // prefix of its tensors: "input", "blocks.0.attention", "head"
  StageKind kind = StageKind::linear;
  std::string text = {};                  // "EdgeConv 64 -> 64, mean over the neighbors"
  std::vector<std::string> inputs = {};   // names of stages, or features_stage
  std::vector<ColumnRange> columns = {};  // of its input that it reads; empty: all
  std::int64_t width = 0;                 // columns of the output
  std::string rows = "nodes";             // row set of the output
  std::string graph = {};                 // along which it looks at other rows; empty: at none
  Reach reach = Reach::own_row;
  std::optional<EncodingConfig> encoding = {};  // of an encoding
  std::optional<Activation> activation = {};
  std::optional<Aggregation> aggregation = {};  // of edge_convolution and pooling
  // Of an edge_convolution: the numbers of the encoding whose differences enter the message.
  std::vector<std::int64_t> edge_columns = {};
  std::string edge_encoding = {};  // name of that encoding; empty without edge columns
  std::optional<StationMap> map = {};
  std::int64_t heads = 0;    // of an attention
  bool has_norm = false;     // layer norm of its input comes first
  bool is_residual = false;  // adds its input to its output
  std::vector<TensorDescription> tensors = {};
  // Names of its linear layers in the order of the forward pass: <name>.weight [out, in] and
  // <name>.bias [out] are among the tensors.
  std::vector<std::string> linear_layers = {};
  Work work = {};
};

enum class RowSetKind { nodes, kept, groups };

struct RowSet {
  std::string name;
  RowSetKind kind = RowSetKind::nodes;
  std::string of = {};  // kept: the row set that it is a part of; groups: the graph
  double share = 1;     // kept: share of the rows that stay, as a cost estimate takes it
};

struct GraphDescription {
  std::string name;
  std::string rows = "nodes";  // the row set that it connects
  std::int64_t columns = 0;    // nearest neighbors of its table that are used, 0: all
};

// The settings of ModelConfig that only some networks read.
enum class NetworkOption { message_layers, aggregation, heads, bands, feed_forward };

struct NetworkDescription {
  std::string name;
  std::vector<std::string> feature_names;
  std::vector<RowSet> row_sets = {{"nodes"}};
  std::vector<GraphDescription> graphs = {};
  std::vector<Stage> stages = {};  // every stage behind its inputs; the last one gives the logits
  std::vector<Axis> axes = {};
  std::vector<NetworkOption> options = {};
};

// The network that config.architecture names. The configuration must have passed check().
[[nodiscard]] NetworkDescription describe_network(const ModelConfig& config,
                                                  const std::vector<std::string>& feature_names);

// Throws std::invalid_argument where a stage names an input, row set or graph that is not there or
// comes later, where it reads columns that its input does not have, or where two things have one
// name: a mistake in a description.
void check_structure(const NetworkDescription& network);

// The tensors of all stages by name.
[[nodiscard]] std::map<std::string, TensorDescription> tensors_by_name(
    const NetworkDescription& network);

// The axis of that name; null if the network has none.
[[nodiscard]] const Axis* find_axis(const NetworkDescription& network, const std::string& name);

[[nodiscard]] bool has_option(const NetworkDescription& network, NetworkOption option);

// Whether any stage is of this kind, or looks at others in this way.
[[nodiscard]] bool has_stage(const NetworkDescription& network, StageKind kind);
[[nodiscard]] bool reaches(const NetworkDescription& network, Reach reach);

}  // namespace stationhit::architecture
