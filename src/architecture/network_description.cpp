#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {
namespace {

void require_known(const std::set<std::string>& known, const std::string& name,
                   const std::string& user) {
  if (!known.contains(name))
    throw std::invalid_argument(user + " names '" + name + "', which is not described before it");
}

// Widths of the outputs by the names of their stages.
void require_columns(const std::map<std::string, std::int64_t>& widths, const Stage& stage) {
  for (const auto& [first, end] : stage.columns) {
    const std::int64_t width = widths.at(stage.inputs.front());
    if (end <= width) continue;
    throw std::invalid_argument(stage.name + " reads the columns [" + std::to_string(first) + ", " +
                                std::to_string(end) + ") of '" + stage.inputs.front() +
                                "', which has " + std::to_string(width));
  }
}

void add_new(std::set<std::string>& known, const std::string& name) {
  if (!known.insert(name).second) throw std::invalid_argument("'" + name + "' is described twice");
}

}  // namespace

std::int64_t Axis::size() const {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

std::int64_t TensorDescription::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

Work& Work::operator+=(const Work& other) {
  flops_per_row += other.flops_per_row;
  flops_per_edge += other.flops_per_edge;
  flops_per_pair += other.flops_per_pair;
  flops_per_event += other.flops_per_event;
  return *this;
}

void check_structure(const NetworkDescription& network) {
  std::set<std::string> row_sets, graphs, outputs{features_stage};
  for (const RowSet& rows : network.row_sets) add_new(row_sets, rows.name);
  for (const GraphDescription& graph : network.graphs) {
    add_new(graphs, graph.name);
    require_known(row_sets, graph.rows, graph.name);
  }
  for (const RowSet& rows : network.row_sets) {
    if (rows.kind != RowSetKind::nodes)
      require_known(rows.kind == RowSetKind::kept ? row_sets : graphs, rows.of, rows.name);
  }
  std::map<std::string, std::int64_t> widths{{features_stage, std::ssize(network.feature_names)}};
  for (const Stage& stage : network.stages) {
    for (const std::string& input : stage.inputs) require_known(outputs, input, stage.name);
    require_known(row_sets, stage.rows, stage.name);
    if (!stage.graph.empty()) require_known(graphs, stage.graph, stage.name);
    add_new(outputs, stage.name);
    require_columns(widths, stage);
    widths[stage.name] = stage.width;
  }
}

std::map<std::string, TensorDescription> tensors_by_name(const NetworkDescription& network) {
  std::map<std::string, TensorDescription> tensors;
  for (const Stage& stage : network.stages) {
    for (const TensorDescription& tensor : stage.tensors) tensors.emplace(tensor.name, tensor);
  }
  return tensors;
}

const Axis* find_axis(const NetworkDescription& network, const std::string& name) {
  const auto found = std::ranges::find(network.axes, name, &Axis::name);
  return found != network.axes.end() ? &*found : nullptr;
}

bool has_option(const NetworkDescription& network, NetworkOption option) {
  return std::ranges::find(network.options, option) != network.options.end();
}

bool has_stage(const NetworkDescription& network, StageKind kind) {
  return std::ranges::find(network.stages, kind, &Stage::kind) != network.stages.end();
}

bool reaches(const NetworkDescription& network, Reach reach) {
  return std::ranges::find(network.stages, reach, &Stage::reach) != network.stages.end();
}

}  // namespace stationhit::architecture
