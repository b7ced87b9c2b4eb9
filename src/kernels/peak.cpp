#include <algorithm>
#include <chrono>
#include <cstddef>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/peak.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// As many independent sums as hide the latency of a multiply-add.
constexpr std::size_t sums_at_once = 12;

// Returns the number of operations; `result` keeps the compiler from leaving them out.
double multiply_and_add(std::size_t rounds, float* result) {
  const hn::ScalableTag<float> d;
  hn::Vec<decltype(d)> sums[sums_at_once];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < sums_at_once; ++i)
    sums[i] = hn::Set(d, result[0] + static_cast<float>(i));  // equal sums would be one
  const auto a = hn::Set(d, result[1]), b = hn::Set(d, result[2]);
  for (std::size_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (auto& sum : sums) sum = hn::MulAdd(sum, a, b);
  }
  auto all = hn::Zero(d);
#pragma GCC unroll 16
  for (auto& sum : sums) all = hn::Add(all, sum);
  result[0] = hn::GetLane(hn::SumOfLanes(d, all));
  return 2.0 * static_cast<double>(rounds * sums_at_once * hn::Lanes(d));
}

const char* name_of_target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(multiply_and_add);
HWY_EXPORT(name_of_target);

double peak_flops_per_ns() {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t rounds = 300'000;
  volatile float kept = 0;
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    float values[]{1.0F, 0.5F, 0.25F};
    const auto start = Clock::now();
    const double operations = HWY_DYNAMIC_DISPATCH(multiply_and_add)(rounds, values);
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
    kept = values[0];
    best = std::max(best, operations / elapsed.count());
  }
  (void)kept;
  return best;
}

std::string instruction_set() { return HWY_DYNAMIC_DISPATCH(name_of_target)(); }

}  // namespace stationhit::kernels
#endif
