// Compiled once per target, after <hwy/highway.h> (the guard is the one that Highway prescribes for
// such headers).
#if defined(STATIONHIT_KERNELS_FLOAT_DOT_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef STATIONHIT_KERNELS_FLOAT_DOT_INL
#undef STATIONHIT_KERNELS_FLOAT_DOT_INL
#else
#define STATIONHIT_KERNELS_FLOAT_DOT_INL
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

// Products of float32 numbers, as tiles-inl.hpp takes them.
struct FloatDot {
  using Factor = float;
  using Tag = hwy::HWY_NAMESPACE::ScalableTag<float>;
  using Vector = hwy::HWY_NAMESPACE::Vec<Tag>;
  const float* bias;

  HWY_INLINE Vector start(std::size_t column) const {
    return hwy::HWY_NAMESPACE::Load(Tag(), bias + column);
  }
  static HWY_INLINE Vector spread(float value) { return hwy::HWY_NAMESPACE::Set(Tag(), value); }
  static HWY_INLINE Vector load(const float* weights) {
    return hwy::HWY_NAMESPACE::Load(Tag(), weights);
  }
  static HWY_INLINE Vector add(Vector sums, Vector value, Vector weights) {
    return hwy::HWY_NAMESPACE::MulAdd(value, weights, sums);
  }
  static HWY_INLINE Vector finish(Vector sums, std::size_t /*column*/) { return sums; }
};

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
