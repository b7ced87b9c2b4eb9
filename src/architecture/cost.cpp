#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <stationhit/architecture/cost.hpp>

namespace stationhit::architecture {

Cost& Cost::operator+=(const Cost& other) {
  parameters += other.parameters;
  bytes += other.bytes;
  work += other.work;
  return *this;
}

Cost compute_cost(const Stage& stage) {
  Cost cost{.work = stage.work};
  for (const TensorDescription& tensor : stage.tensors) {
    const auto size = static_cast<std::uint64_t>(tensor.size());
    cost.bytes += sizeof(float) * size;
    if (tensor.kind == TensorKind::parameter) cost.parameters += size;
  }
  return cost;
}

Cost compute_cost(const NetworkDescription& network) {
  Cost total;
  for (const Stage& stage : network.stages) total += compute_cost(stage);
  return total;
}

std::uint64_t count_rows(const NetworkDescription& network, const std::string& rows,
                         const EventSize& event) {
  const auto set = std::ranges::find(network.row_sets, rows, &RowSet::name);
  if (set == network.row_sets.end()) throw std::out_of_range("no row set " + rows);
  if (set->kind == RowSetKind::nodes) return event.nodes;
  if (set->kind == RowSetKind::groups) return event.graphs.at(set->of).groups;
  const auto all = static_cast<double>(count_rows(network, set->of, event));
  return static_cast<std::uint64_t>(std::llround(all * set->share));
}

std::uint64_t count_flops(const NetworkDescription& network, const Stage& stage,
                          const EventSize& event) {
  std::uint64_t flops = stage.work.flops_per_event +
                        stage.work.flops_per_row * count_rows(network, stage.rows, event);
  if (stage.graph.empty()) return flops;
  const GraphSize& graph = event.graphs.at(stage.graph);
  return flops + stage.work.flops_per_edge * graph.edges + stage.work.flops_per_pair * graph.pairs;
}

std::uint64_t count_flops(const NetworkDescription& network, const EventSize& event) {
  std::uint64_t flops = 0;
  for (const Stage& stage : network.stages) flops += count_flops(network, stage, event);
  return flops;
}

}  // namespace stationhit::architecture
