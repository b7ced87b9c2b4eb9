// The coordinates of the metric are gathered once per event into columns by node, and every group
// is then searched on its own part of these columns. The search writes directly into the rows of
// the table.
#include <limits>

#include <stationhit/graph/neighbors.hpp>

#include "coordinates.hpp"
#include "neighbor_search.hpp"

namespace stationhit::graph {
namespace {

constexpr double mm_per_cm = 10;

float largest_squared_distance(const GraphConfig& config) {
  if (config.edges != EdgeKind::radius) return std::numeric_limits<float>::infinity();
  // Squared in double and rounded once, so that the limit is the float32 nearest to the exact
  // square.
  const double radius = mm_per_cm * config.radius;
  return static_cast<float>(radius * radius);
}

}  // namespace

NeighborTable build_neighbors(const core::Event& event, const NodeTable& nodes,
                              const GraphConfig& config) {
  check(config);
  if (!has_table(config)) return {};
  NeighborTable table{
      config.k,
      std::vector<std::int32_t>(nodes.size() * static_cast<std::size_t>(config.k), no_neighbor)};
  std::vector<std::vector<float>> coordinates;
  for (const std::string& name : config.metric) {
    const std::vector<float>& column = event.hits.*find_coordinate(name);
    std::vector<float>& values = coordinates.emplace_back(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) values[i] = column[nodes.hit[i]];
  }
  NeighborSearch search(config.k, largest_squared_distance(config));
  std::vector<std::span<const float>> group_coordinates(coordinates.size());
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::size_t begin = nodes.offsets[b];
    const std::size_t n = nodes.offsets[b + 1] - begin;
    for (std::size_t c = 0; c < coordinates.size(); ++c)
      group_coordinates[c] = std::span(coordinates[c]).subspan(begin, n);
    search.run(group_coordinates, static_cast<std::int32_t>(begin),
               table.index.data() + begin * static_cast<std::size_t>(config.k));
  }
  return table;
}

}  // namespace stationhit::graph
