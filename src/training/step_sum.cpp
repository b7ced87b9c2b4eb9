// One collective sum carries everything, because each costs the time of a message.
#include "step_sum.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace stationhit::training {

Step sum_over_ranks(const Ranks& ranks, Step own) {
  if (ranks.size() == 1) return own;
  std::vector<double> sums{own.stop ? 1.0 : 0.0, static_cast<double>(own.events),
                           static_cast<double>(own.sum.nodes), own.sum.loss};
  const auto n_counts = static_cast<std::ptrdiff_t>(sums.size());
  for (const torch::Tensor& gradient : own.sum.gradients) {
    const double* values = gradient.const_data_ptr<double>();
    sums.insert(sums.end(), values, values + gradient.numel());
  }
  ranks.sum(sums);
  own.stop = sums[0] > 0;
  own.events = static_cast<std::uint64_t>(sums[1]);
  own.sum.nodes = static_cast<std::uint64_t>(sums[2]);
  own.sum.loss = sums[3];
  auto next = sums.begin() + n_counts;
  for (const torch::Tensor& gradient : own.sum.gradients) {
    std::copy_n(next, gradient.numel(), gradient.mutable_data_ptr<double>());
    next += gradient.numel();
  }
  return own;
}

}  // namespace stationhit::training
