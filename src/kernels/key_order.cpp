// The rank of a key is the number of keys before it: those that are smaller, and equal ones at an
// earlier position. A vector of keys is compared with all others, so nothing depends on a branch.
#include <algorithm>
#include <cstddef>
#include <numeric>

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/key_order.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "key_order.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void order_keys(const std::uint64_t* keys, std::span<std::uint32_t> order) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t n = order.size(), lanes = hn::Lanes(d);
  HWY_ALIGN std::uint64_t ranks[hn::MaxLanes(d)];
  for (std::size_t first = 0; first < n; first += lanes) {
    const auto own = hn::LoadU(d, keys + first);
    const auto position = hn::Iota(d, first);
    auto rank = hn::Zero(d);
    const auto count = [&](auto before) HWY_ATTR {
      rank = hn::Sub(rank, hn::VecFromMask(d, before));  // a lane of a mask is -1
    };
    std::size_t j = 0;
    for (; j < first; ++j) count(hn::Not(hn::Lt(own, hn::Set(d, keys[j]))));
    for (const std::size_t end = std::min(n, first + lanes); j < end; ++j) {
      const auto other = hn::Set(d, keys[j]);
      const auto earlier = hn::Lt(hn::Set(d, std::uint64_t{j}), position);
      count(hn::Or(hn::Lt(other, own), hn::And(hn::Eq(other, own), earlier)));
    }
    for (; j < n; ++j) count(hn::Lt(hn::Set(d, keys[j]), own));
    hn::Store(rank, d, ranks);
    for (std::size_t l = 0; l < std::min(lanes, n - first); ++l)
      order[ranks[l]] = static_cast<std::uint32_t>(first + l);
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {
namespace {

// Where O(n log n) comparisons beat n^2 / 8.
constexpr std::size_t most_in_vectors = 256;

}  // namespace

HWY_EXPORT(order_keys);

void order_keys(const std::uint64_t* keys, std::span<std::uint32_t> order) {
  if (order.size() <= most_in_vectors) return HWY_DYNAMIC_DISPATCH(order_keys)(keys, order);
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [keys](std::uint32_t a, std::uint32_t b) {
    return keys[a] != keys[b] ? keys[a] < keys[b] : a < b;
  });
}

}  // namespace stationhit::kernels
#endif
