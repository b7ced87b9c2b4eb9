// Features that need all nodes of a group. Close neighbors are counted over all pairs, in loops
// that the compiler vectorizes, O(n^2) per group. Relative layers sort the nodes of a group by
// (layer, z), which gives each layer's median, and then sort the layers: O(n log n).
#include "group_features.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include <stationhit/graph/vector_variants.hpp>
#include <stationhit/kernels/key_order.hpp>

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

using Layer = GroupMemory::Layer;

constexpr unsigned bits_of_z = 32;

// One byte each for technology, stationIndex and layer, then local z, in the order of the numbers.
// MDT has the number 0, so a technology other than 0 is a strip.
std::uint64_t layer_key(const core::HitColumns& hits, std::uint32_t hit) {
  const std::uint32_t layer = static_cast<std::uint32_t>(hits.technology[hit]) << 16U |
                              static_cast<std::uint32_t>(hits.station_index[hit]) << 8U |
                              static_cast<std::uint32_t>(hits.layer[hit]);
  // All bits of a negative number change and the sign of a positive one, without a branch.
  const auto z = std::bit_cast<std::int32_t>(hits.local_z[hit]);
  const auto ordered = static_cast<std::uint32_t>(z ^ (z >> 31 | INT32_MIN));
  return std::uint64_t{layer} << bits_of_z | ordered;
}

std::uint64_t layer_of(std::uint64_t key) { return key >> bits_of_z; }

// Finds the layers of nodes that are sorted by their keys. z_of(place) is that of a sorted node.
template <class Z>
void find_layers(const GroupMemory& memory, const Z& z_of, std::vector<Layer>& layers) {
  const auto key_at = [&](std::size_t place) { return memory.keys[memory.order[place]]; };
  const std::size_t n = memory.order.size();
  layers.clear();
  for (std::size_t begin = 0; begin < n;) {
    const std::uint64_t code = layer_of(key_at(begin));
    std::size_t end = begin + 1;
    while (end < n && layer_of(key_at(end)) == code) ++end;
    const std::size_t middle = (begin + end) / 2;
    const double upper = z_of(middle);
    const double median = (end - begin) % 2 == 1 ? upper : (z_of(middle - 1) + upper) / 2;
    layers.push_back({begin, end, code >> 16U != 0, median});
    begin = end;
  }
}

}  // namespace

void count_neighbors(const core::EventColumns& event, const graph::NodeTable& nodes,
                     GroupMemory& memory, std::span<float> values) {
  memory.x.resize(nodes.size());
  memory.y.resize(nodes.size());
  memory.count.assign(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    memory.x[i] = event.hits.local_x[nodes.hit[i]];
    memory.y[i] = event.hits.local_y[nodes.hit[i]];
  }
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::uint32_t begin = nodes.offsets[b];
    count_close(memory.x.data() + begin, memory.y.data() + begin,
                static_cast<std::int32_t>(nodes.offsets[b + 1] - begin),
                memory.count.data() + begin);
  }
  // Every node is close to itself.
  for (std::size_t i = 0; i < nodes.size(); ++i)
    values[i] = static_cast<float>(memory.count[i] - 1);
}

void compute_bucket_densities(const graph::NodeTable& nodes, std::span<float> values) {
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::uint32_t begin = nodes.offsets[b], n = nodes.offsets[b + 1] - begin;
    const float range = std::max(nodes.y_max[b] - nodes.y_min[b], smallest_range);
    std::ranges::fill(values.subspan(begin, n), static_cast<float>(n) / range);
  }
}

void rank_layers(const core::EventColumns& event, const graph::NodeTable& nodes,
                 GroupMemory& memory, std::span<float> values) {
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    const std::uint32_t begin = nodes.offsets[b], n = nodes.offsets[b + 1] - begin;
    const std::uint32_t* hit = &nodes.hit[begin];
    memory.keys.resize(n + kernels::key_slack);
    memory.order.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) memory.keys[i] = layer_key(event.hits, hit[i]);
    // Nodes of equal (layer, z) are interchangeable here: only the median of z is used.
    kernels::order_keys(memory.keys.data(), memory.order);
    const auto z_of = [&](std::size_t place) {
      return double{event.hits.local_z[hit[memory.order[place]]]};
    };
    std::vector<Layer>& layers = memory.layers;
    find_layers(memory, z_of, layers);
    // Layers with equal medians keep the order of their codes.
    std::ranges::sort(layers, [](const Layer& p, const Layer& q) {
      if (p.strip != q.strip) return q.strip;
      return p.median_z != q.median_z ? p.median_z < q.median_z : p.begin < q.begin;
    });
    for (std::size_t rank = 0; rank < layers.size(); ++rank) {
      const float value = static_cast<float>(rank + 1) / static_cast<float>(layers.size());
      for (std::size_t place = layers[rank].begin; place < layers[rank].end; ++place)
        values[begin + memory.order[place]] = value;
    }
  }
}

}  // namespace stationhit::features
