#include "compaction.hpp"

#include <algorithm>

#include <stationhit/architecture/numerical_constants.hpp>

namespace stationhit::engine {

void RowSelection::run(const Run& run) const {
  const ConstMatrix logits = run.read(logits_);
  const RowSetState& nodes = run.row_set(logits_.row_set);
  RowSetState& kept = run.row_set(row_set_);
  kept.rows.clear();
  kept.events.clear();
  kept.place.assign(logits.rows, -1);
  for (std::size_t i = 0; i < logits.rows; ++i) {
    if (!(logits.row(i)[0] > threshold_)) continue;
    kept.place[i] = static_cast<std::int32_t>(kept.rows.size());
    kept.rows.push_back(static_cast<std::int32_t>(i));
    if (!nodes.event_of_row.empty()) kept.events.push_back(nodes.event_of_row[i]);
  }
  kept.count = kept.rows.size();
  kept.event_of_row = kept.events;
  for (const KeptGraph& graph : graphs_) keep_graph(run, kept, graph);
}

void RowSelection::keep_graph(const Run& run, const RowSetState& kept,
                              const KeptGraph& graph) const {
  const kernels::NeighborTable all = run.inputs().neighbors;
  GraphState& state = run.memory().graphs[graph.number];
  const std::size_t columns =
      graph.columns == 0 ? all.columns : std::min(graph.columns, all.columns);
  state.storage.clear();
  for (const std::int32_t row : kept.rows) {
    for (const std::int32_t j : std::span(all.row(static_cast<std::size_t>(row)), columns))
      state.storage.push_back(j < 0 ? -1 : kept.place[static_cast<std::size_t>(j)]);
  }
  state.table = {state.storage.data(), kept.count, columns};
}

void KeptRows::run(const Run& run) const {
  const ConstMatrix from = run.read(from_);
  const Matrix out = run.write(out_);
  const RowSetState& kept = run.row_set(out_.row_set);
  for (std::size_t i = 0; i < out.rows; ++i) {
    std::copy_n(from.row(static_cast<std::size_t>(kept.rows[i])), out.columns, out.row(i));
    std::fill(out.row(i) + out.columns, out.row(i) + out.stride, 0.0F);
  }
}

void Merge::run(const Run& run) const {
  const ConstMatrix first = run.read(first_), second = run.read(second_);
  const Matrix out = run.write(out_);
  const RowSetState& kept = run.row_set(second_.row_set);
  for (std::size_t i = 0; i < out.rows; ++i) {
    const std::int32_t place = kept.place[i];
    const float lacking = std::max(first.row(i)[0] - threshold_, architecture::largest_lack);
    out.row(i)[0] = place < 0 ? architecture::dropped_ceiling + lacking
                              : std::max(second.row(static_cast<std::size_t>(place))[0],
                                         architecture::survivor_floor);
  }
}

}  // namespace stationhit::engine
