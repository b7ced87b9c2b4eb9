// Hits kept and dropped at a threshold, and the quantities that follow from these four numbers.
#pragma once

#include <cstdint>

namespace stationhit::metrics {

// 0/0 is NaN, n/0 infinite.
[[nodiscard]] inline double ratio(std::uint64_t numerator, std::uint64_t denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

// "True" hits belong to a muon, the others are background.
struct Counts {
  std::uint64_t true_positives = 0;   // signal hits kept
  std::uint64_t false_positives = 0;  // background hits kept
  std::uint64_t true_negatives = 0;   // background hits dropped
  std::uint64_t false_negatives = 0;  // signal hits dropped

  [[nodiscard]] std::uint64_t signal() const { return true_positives + false_negatives; }
  [[nodiscard]] std::uint64_t background() const { return false_positives + true_negatives; }
  [[nodiscard]] std::uint64_t kept() const { return true_positives + false_positives; }

  // 0/0 is NaN (no signal hits, nothing kept, no background); rejection is infinite if no
  // background hit of some is kept.
  [[nodiscard]] double efficiency() const { return ratio(true_positives, signal()); }
  [[nodiscard]] double purity() const { return ratio(true_positives, kept()); }
  [[nodiscard]] double background_efficiency() const {
    return ratio(false_positives, background());
  }
  // 1/eps_b, the inverse of the background efficiency.
  [[nodiscard]] double rejection() const { return ratio(background(), false_positives); }

  bool operator==(const Counts&) const = default;
};

}  // namespace stationhit::metrics
