// Compiled once per target, after <hwy/highway.h> (the guard is the one that Highway prescribes for
// such headers).
#if defined(STATIONHIT_KERNELS_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STATIONHIT_KERNELS_ROWS_INL
#undef STATIONHIT_KERNELS_ROWS_INL
#else
#define STATIONHIT_KERNELS_ROWS_INL
#endif

#include <cstddef>
#include <cstdint>
#include <variant>

#include <hwy/highway.h>

#include <stationhit/kernels/views.hpp>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

// The neighbors of one node: row[0] .. row[size - 1], with -1 for padding.
struct TableRow {
  static constexpr bool has_itself = false;
  const std::int32_t* neighbors;
  std::size_t size;
  HWY_INLINE std::int32_t operator[](std::size_t n) const { return neighbors[n]; }
};
// All nodes of the group, the node itself included; nothing is stored per edge.
struct GroupRow {
  static constexpr bool has_itself = true;
  std::int32_t first;
  std::size_t size;
  HWY_INLINE std::int32_t operator[](std::size_t n) const {
    return first + static_cast<std::int32_t>(n);
  }
};

// Calls step(begin, end) for every group: its nodes are [begin, end).
template <class Step>
HWY_INLINE void for_groups(const NodeGroups& groups, const Step& step) {
  for (std::size_t g = 0; g + 1 < groups.offsets.size(); ++g)
    step(static_cast<std::size_t>(groups.offsets[g]),
         static_cast<std::size_t>(groups.offsets[g + 1]));
}

// Calls step(node, row) for all nodes in order.
template <class Step>
HWY_INLINE void for_rows(const Edges& edges, const Step& step) {
  if (const auto* table = std::get_if<NeighborTable>(&edges)) {
    for (std::size_t i = 0; i < table->rows; ++i) step(i, TableRow{table->row(i), table->columns});
  } else {
    for_groups(*std::get_if<NodeGroups>(&edges), [&](std::size_t begin, std::size_t end) HWY_ATTR {
      for (std::size_t i = begin; i < end; ++i)
        step(i, GroupRow{static_cast<std::int32_t>(begin), end - begin});
    });
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
