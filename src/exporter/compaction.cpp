// Kept rows are numbered by a cumulative sum. The table of the nodes becomes that of the kept rows
// by two Gathers: its rows that stay, and in them the new numbers of what they name, -1 for what is
// dropped.
#include <array>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

using onnx_file::ElementType;

class Compaction {
 public:
  Compaction(NetworkWriter& writer, const Stage& stage)
      : writer_(writer), graph_(writer.graph()), stage_(stage) {}

  // The rows whose logit, of [N, 1], is above the threshold.
  KeptRows select(const std::string& logits) {
    const std::string flat = graph_.node("Squeeze", {logits, graph_.indices({1})});
    const std::string threshold = writer_.constant(stage_.tensors.front().name);
    const std::string mask = graph_.node("Greater", {flat, threshold});
    const std::string rows =
        graph_.node("Squeeze", {graph_.node("NonZero", {mask}), graph_.indices({0})});
    const std::string ones = graph_.node("Cast", {mask}, {{"to", ElementType::int32}});
    const std::string count = graph_.node("CumSum", {ones, graph_.indices({0})});
    const std::string number = graph_.node("Sub", {count, constant("one", 1)});
    const std::string place = graph_.node("Where", {mask, number, constant("nowhere", -1)});
    return {mask, rows, place, threshold};
  }

  // table: [N, k] -> [M, k]
  std::string table_of(const std::string& table, const KeptRows& kept) {
    const std::array<std::int32_t, 1> nowhere{-1};
    const std::string padding =
        graph_.constant(stage_.name + ".padding", std::span<const std::int32_t>(nowhere), {1});
    const std::string places =
        graph_.node("Concat", {kept.place, padding}, {{"axis", std::int64_t{0}}});
    return graph_.node("Gather", {places, graph_.node("Gather", {table, kept.rows})});
  }

 private:
  std::string constant(const std::string& name, std::int32_t value) {
    return graph_.constant(stage_.name + "." + name, std::span<const std::int32_t>(&value, 1), {});
  }

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  const Stage& stage_;
};

}  // namespace

std::string write_compaction(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs) {
  KeptRows& kept = writer.kept_rows(stage.rows);
  if (kept.rows.empty()) {
    Compaction compaction(writer, stage);
    kept = compaction.select(inputs.at(1));
    for (const std::string& graph : writer.graphs_on(stage.rows))
      writer.add_table(graph, compaction.table_of(writer.graph_of_nodes().table(), kept));
  }
  return writer.graph().node("Gather", {inputs.at(0), kept.rows}, {{"axis", std::int64_t{0}}});
}

// models/two_stage.cpp has the formula.
std::string write_merge(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs) {
  onnx_file::GraphBuilder& graph = writer.graph();
  const KeptRows& kept = writer.kept_rows(writer.stage(stage.inputs.at(1)).rows);
  const std::string of_kept =
      graph.node("Max", {inputs.at(1), graph.scalar(architecture::survivor_floor)});
  const std::string spread =
      graph.node("Gather", {writer.graph_of_nodes().with_padding(of_kept, 1, 0), kept.place},
                 {{"axis", std::int64_t{0}}});
  const std::string lacking = graph.node("Sub", {inputs.at(0), kept.threshold});
  const std::string bounded =
      graph.node("Max", {lacking, graph.scalar(architecture::largest_lack)});
  const std::string dropped =
      graph.node("Add", {bounded, graph.scalar(architecture::dropped_ceiling)});
  const std::string mask = graph.node("Unsqueeze", {kept.mask, graph.indices({1})});
  return graph.node("Where", {mask, spread, dropped}, {}, writer.output_name(stage));
}

}  // namespace stationhit::exporter
