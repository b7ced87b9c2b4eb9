#include "nesting.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stationhit::architecture {
namespace {

template <class T>
void move_behind(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void add_prefix(Stage& stage, const std::string& prefix) {
  stage.name.insert(0, prefix);
  for (std::string& input : stage.inputs)
    if (input != features_stage) input.insert(0, prefix);
  if (!stage.graph.empty()) stage.graph.insert(0, prefix);
  if (!stage.edge_encoding.empty()) stage.edge_encoding.insert(0, prefix);
  for (std::string& layer : stage.linear_layers) layer.insert(0, prefix);
  for (TensorDescription& tensor : stage.tensors) {
    tensor.name.insert(0, prefix);
    tensor.axes.clear();
  }
}

}  // namespace

NetworkDescription nested(NetworkDescription network, const std::string& part) {
  const std::string prefix = part + ".";
  for (Stage& stage : network.stages) add_prefix(stage, prefix);
  for (GraphDescription& graph : network.graphs) graph.name.insert(0, prefix);
  network.axes.clear();
  return network;
}

void append(NetworkDescription& network, NetworkDescription part) {
  for (RowSet& rows : part.row_sets) {
    if (std::ranges::find(network.row_sets, rows.name, &RowSet::name) == network.row_sets.end())
      network.row_sets.push_back(std::move(rows));
  }
  move_behind(network.graphs, part.graphs);
  move_behind(network.stages, part.stages);
  move_behind(network.axes, part.axes);
}

}  // namespace stationhit::architecture
