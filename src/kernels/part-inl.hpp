// Compiled once per target, after <hwy/highway.h> (the guard is the one that Highway prescribes for
// such headers).
#if defined(STATIONHIT_KERNELS_PART_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STATIONHIT_KERNELS_PART_INL
#undef STATIONHIT_KERNELS_PART_INL
#else
#define STATIONHIT_KERNELS_PART_INL
#endif

#include <algorithm>
#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

// Stores the first n lanes of a vector, or all of them if there are fewer.
template <class V>
HWY_INLINE void store_part(V values, std::size_t n, float* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> d;
  if (n >= hn::Lanes(d)) return hn::StoreU(values, d, to);
  HWY_ALIGN float all[hn::MaxLanes(hn::ScalableTag<float>())];
  hn::Store(values, d, all);
  std::copy_n(all, n, to);
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
