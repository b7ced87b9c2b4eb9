// The coordinates of the metric are gathered once per event into columns by node, and every group
// is then searched on its own part of these columns. The search writes directly into the rows of
// the table.
#include <limits>

#include <stationhit/graph/neighbor_builder.hpp>

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

GraphConfig checked(const GraphConfig& config) {
  check(config);
  return config;
}

}  // namespace

struct NeighborBuilder::Memory {
  explicit Memory(const GraphConfig& of_graph)
      : config(checked(of_graph)), search(config.k, largest_squared_distance(config)) {}

  GraphConfig config;
  NeighborSearch search;
  std::vector<float> coordinates;  // [C, n_nodes + search_slack]
};

NeighborBuilder::NeighborBuilder(const GraphConfig& config)
    : memory_(std::make_unique<Memory>(config)) {}
NeighborBuilder::~NeighborBuilder() = default;
NeighborBuilder::NeighborBuilder(NeighborBuilder&&) noexcept = default;
NeighborBuilder& NeighborBuilder::operator=(NeighborBuilder&&) noexcept = default;

void NeighborBuilder::build(const core::EventColumns& event, const NodeTable& nodes,
                            NeighborTable& table) {
  const GraphConfig& config = memory_->config;
  table.k = table_columns(config);
  table.index.resize(nodes.size() * static_cast<std::size_t>(table.k));
  if (!has_table(config)) return;
  const std::size_t stride = nodes.size() + search_slack;
  std::vector<float>& coordinates = memory_->coordinates;
  coordinates.resize(config.metric.size() * stride);
  for (std::size_t c = 0; c < config.metric.size(); ++c) {
    const std::span<const float> column = event.hits.*find_coordinate(config.metric[c]);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      coordinates[c * stride + i] = column[nodes.hit[i]];
    }
  }
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::size_t begin = nodes.offsets[b], n = nodes.offsets[b + 1] - begin;
    memory_->search.run({coordinates.data() + begin, config.metric.size(), n, stride},
                        static_cast<std::int32_t>(begin),
                        table.index.data() + begin * static_cast<std::size_t>(config.k));
  }
}

NeighborTable build_neighbors(const core::Event& event, const NodeTable& nodes,
                              const GraphConfig& config) {
  NeighborTable table;
  NeighborBuilder(config).build(event, nodes, table);
  return table;
}

}  // namespace stationhit::graph
