// Features that need all nodes of a group. Close neighbors are counted over all pairs, in loops
// that the compiler vectorizes, O(n^2) per group. Relative layers sort the nodes of a group by
// (layer, z), which gives each layer's median, and then sort the layers: O(n log n).
#include "group_features.hpp"

#include <algorithm>
#include <cstdint>

#include <stationhit/graph/vector_variants.hpp>

namespace stationhit::features {
namespace {

constexpr float neighbor_distance = 500.0F;  // mm
constexpr float smallest_range = 10.0F;      // mm

// The inner loop runs over contiguous nodes and has no branch, so it becomes vector code; for
// groups of the size of a bucket that beats a search tree.
STATIONHIT_VECTOR_VARIANTS
void count_close(const float* __restrict x, const float* __restrict y, std::int32_t n,
                 std::int32_t* __restrict count) {
  for (std::int32_t j = 0; j < n; ++j) {
    for (std::int32_t i = 0; i < n; ++i) {
      const float dx = x[i] - x[j];
      const float dy = y[i] - y[j];
      count[i] += dx * dx + dy * dy < neighbor_distance * neighbor_distance ? 1 : 0;
    }
  }
}

struct LayerNode {
  // One byte each for technology, stationIndex and layer. MDT has the number 0, so a technology
  // other than 0 is a strip.
  std::uint32_t layer;  // technology, stationIndex, layer: one byte each
  float z;
  std::uint32_t node;
};

struct Layer {
  std::size_t begin, end;  // in the sorted nodes of the group
  bool strip;
  double median_z;
};

double median_z(const std::vector<LayerNode>& nodes, std::size_t begin, std::size_t end) {
  const std::size_t middle = (begin + end) / 2;
  const double upper = nodes[middle].z;
  return (end - begin) % 2 == 1 ? upper : (nodes[middle - 1].z + upper) / 2;
}

// Finds the layers of nodes that are sorted by (layer, z).
void find_layers(const std::vector<LayerNode>& nodes, std::vector<Layer>& layers) {
  layers.clear();
  for (std::size_t begin = 0; begin < nodes.size();) {
    std::size_t end = begin + 1;
    while (end < nodes.size() && nodes[end].layer == nodes[begin].layer) ++end;
    layers.push_back({begin, end, nodes[begin].layer >> 16U != 0, median_z(nodes, begin, end)});
    begin = end;
  }
}

}  // namespace

std::vector<float> count_neighbors(const core::Event& event, const graph::NodeTable& nodes) {
  std::vector<float> x(nodes.size());
  std::vector<float> y(nodes.size());
  std::vector<std::int32_t> count(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    x[i] = event.hits.local_x[nodes.hit[i]];
    y[i] = event.hits.local_y[nodes.hit[i]];
  }
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::uint32_t begin = nodes.offsets[b];
    count_close(x.data() + begin, y.data() + begin,
                static_cast<std::int32_t>(nodes.offsets[b + 1] - begin), count.data() + begin);
  }
  // Every node is close to itself.
  for (std::size_t i = 0; i < nodes.size(); ++i) x[i] = static_cast<float>(count[i] - 1);
  return x;
}

std::vector<float> bucket_densities(const graph::NodeTable& nodes) {
  std::vector<float> density(nodes.size());
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const float range = std::max(nodes.y_max[b] - nodes.y_min[b], smallest_range);
    const float value = static_cast<float>(nodes.offsets[b + 1] - nodes.offsets[b]) / range;
    std::fill(density.begin() + nodes.offsets[b], density.begin() + nodes.offsets[b + 1], value);
  }
  return density;
}

std::vector<float> relative_layers(const core::Event& event, const graph::NodeTable& nodes) {
  const core::HitTable& hits = event.hits;
  std::vector<float> relative(nodes.size());
  std::vector<LayerNode> group;
  std::vector<Layer> layers;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    group.clear();
    for (std::uint32_t node = nodes.offsets[b]; node < nodes.offsets[b + 1]; ++node) {
      const std::uint32_t hit = nodes.hit[node];
      const std::uint32_t layer = static_cast<std::uint32_t>(hits.technology[hit]) << 16U |
                                  static_cast<std::uint32_t>(hits.station_index[hit]) << 8U |
                                  static_cast<std::uint32_t>(hits.layer[hit]);
      group.push_back({layer, hits.local_z[hit], node});
    }
    // Nodes of equal (layer, z) are interchangeable here: only the median of z is used.
    std::sort(group.begin(), group.end(), [](const auto& p, const auto& q) {
      return p.layer != q.layer ? p.layer < q.layer : p.z < q.z;
    });
    find_layers(group, layers);
    // Layers with equal medians keep the order of their codes.
    std::stable_sort(layers.begin(), layers.end(), [](const auto& p, const auto& q) {
      return p.strip != q.strip ? q.strip : p.median_z < q.median_z;
    });
    for (std::size_t rank = 0; rank < layers.size(); ++rank) {
      const float value = static_cast<float>(rank + 1) / static_cast<float>(layers.size());
      for (std::size_t i = layers[rank].begin; i < layers[rank].end; ++i)
        relative[group[i].node] = value;
    }
  }
  return relative;
}

}  // namespace stationhit::features
