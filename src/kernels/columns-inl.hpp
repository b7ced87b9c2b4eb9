// Compiled once per target, after <hwy/highway.h> (the guard is the one that Highway prescribes for
// such headers).
#if defined(STATIONHIT_KERNELS_COLUMNS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STATIONHIT_KERNELS_COLUMNS_INL
#undef STATIONHIT_KERNELS_COLUMNS_INL
#else
#define STATIONHIT_KERNELS_COLUMNS_INL
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

// Calls step(d, column) for the columns of a row: whole vectors first, then single values.
template <class Real, class Step>
HWY_INLINE void for_columns(std::size_t columns, const Step& step) {
  const hwy::HWY_NAMESPACE::ScalableTag<Real> d;
  const hwy::HWY_NAMESPACE::CappedTag<Real, 1> single;
  const std::size_t lanes = hwy::HWY_NAMESPACE::Lanes(d);
  std::size_t c = 0;
  for (; c + lanes <= columns; c += lanes) step(d, c);
  for (; c < columns; ++c) step(single, c);
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
