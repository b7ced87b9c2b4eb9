// The inputs of a file that say which nodes see each other, and what every stage derives from them.
// Values appear in the file when they are first asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/exporter/exporter.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::exporter {

// Takes the place of minus infinity: finite, so that no NaN can come of it.
inline constexpr float below_everything = -1e30F;
// Score of what is not there, before a softmax: its weight is exactly 0.
inline constexpr float no_score = -1e9F;

// With the interface edges, table and slots are made from the list of edges inside the file, by
// operations on single numbers per edge. Padding is -1 everywhere, which for Gather is the last
// row: rows travel with a padding row behind them, see with_padding().
class GraphInputs {
 public:
  // The graph of the inputs of the file. columns: nearest neighbors of its table that are used, 0:
  // all.
  GraphInputs(onnx_file::GraphBuilder& graph, const graph::GraphConfig& config,
              onnx_file::Interface interface, std::int64_t columns = 0)
      : graph_(graph),
        config_(config),
        interface_(interface),
        n_columns_(columns > 0 ? std::min<std::int64_t>(columns, config.k) : config.k) {}
  // The graph of other rows, with this table [M, k] int32 of the value `table`.
  [[nodiscard]] GraphInputs with_table(std::string table, std::int64_t columns) const {
    GraphInputs other(graph_, config_, interface_, columns);
    other.table_ = std::move(table);
    return other;
  }

  // False: the groups are fully connected, every node its own neighbor too.
  [[nodiscard]] bool has_table() const { return graph::has_table(config_); }
  // Up to so many columns of a table its rows are worked on column by column: no [N, k, C] value
  // exists, everything stays in the cache, half the time of one large Gather with ReduceMax (k =
  // 16). Beyond, the number of nodes of the file would grow too far.
  [[nodiscard]] bool by_columns() const { return has_table() && n_columns_ <= 64; }

  // [N, C] -> [N + 1, C], the last row being `padding` everywhere.
  std::string with_padding(const std::string& rows, std::int64_t columns, float padding);

  // Values of the interface `table`.
  const std::string& table();                 // [N, k] int32, all columns
  const std::string& neighbors();             // those that are used: from here on k is their number
  const std::vector<std::string>& columns();  // k values [N] int32
  const std::string& edge_exists();           // [N, k] bool
  const std::string& edge_weight();           // [N, k] 0 or 1

  // Number of neighbors: [N, 1] float; and whether there are any: [N, 1] bool (always, in full
  // groups).
  const std::string& degree();
  const std::string& has_neighbors();

  // Work on the groups, in classes of groups of similar size: a table of all groups as wide as the
  // largest one would be padding mostly (toy simulation: 1,850 groups per event, half of them of 5
  // nodes or fewer, the largest of 127).
  class SizeClass {
   public:
    SizeClass(GraphInputs& inputs, std::string slots) : inputs_(inputs), slots_(std::move(slots)) {}
    std::string spread(const std::string& padded_rows)
        const;  // [N + 1, ...] -> [B, M, ...]: B groups of up to M nodes
    // [N + 1, H D] -> [B, H, M, D], and with the last dimensions exchanged [B, H, D, M]
    std::string heads_of(const std::string& padded_rows, std::int64_t heads,
                         std::int64_t width) const;
    std::string head_columns_of(const std::string& padded_rows, std::int64_t heads,
                                std::int64_t width) const;
    // Sum of the values [B, H, M, D], weighted with the softmax of the scores [B, H, M, M]: [B, M,
    // H, D]
    [[nodiscard]] std::string attend(const std::string& scores, const std::string& values) const;
    const std::string& missing_score()
        const;  // [B, 1, 1, M] to add to scores: 0 where there is a node, no_score elsewhere
    const std::string& exists() const;  // [B, M] bool
    const std::string& weight() const;  // [B, M] 0 or 1

   private:
    friend class GraphInputs;
    GraphInputs& inputs_;
    std::string slots_;
    mutable std::string exists_, weight_, missing_score_;
  };
  using OnClass = std::function<std::string(const SizeClass&)>;
  std::string map_slots(std::int64_t columns,
                        const OnClass& work);  // work: -> [B, M, columns] (or [B, M, H, D]); all
                                               // together [N, columns]
  // work: -> [B, C]; all together [G, C], a row per group in the order of the classes.
  std::string pool_groups(const OnClass& work);
  // Rows of groups in this order -> [N, C], the same for all nodes of a group.
  std::string spread_groups(const std::string& rows);

 private:
  std::string input(const onnx_file::ModelTensor& tensor);
  const std::string& slots();
  const std::string& slot_of_node();
  std::string exists(const std::string& indices);
  const std::string& edge_index();
  std::string edge_end(std::int64_t row);
  std::string filled_with_minus_one(const std::string& size);
  std::string range_to(const std::string& size);
  std::string table_of_edges();
  void make_slots_of_edges();
  void make_classes();

  onnx_file::GraphBuilder& graph_;
  graph::GraphConfig config_;
  onnx_file::Interface interface_;
  std::int64_t n_columns_;
  std::vector<std::string> columns_;
  std::vector<SizeClass> classes_;
  std::string table_, neighbors_, edge_exists_, edge_weight_, degree_, has_neighbors_, slots_,
      slot_of_node_, edge_index_;
  std::string group_size_, group_of_node_, row_of_node_, group_row_of_node_;
};

}  // namespace stationhit::exporter
