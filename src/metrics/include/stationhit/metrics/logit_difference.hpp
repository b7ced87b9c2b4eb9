// Equality of two ways to compute the same logits.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>

namespace stationhit::metrics {

// Two backends agree if |a - b| <= 1e-4 max(1, |b|) for every hit.
inline constexpr double backend_tolerance = 1e-4;

// What differences from b are measured in: max(1, |b|).
[[nodiscard]] inline double difference_unit(double b) { return std::max(1.0, std::abs(b)); }

// The threshold lowered by this tolerance. A threshold that follows from logits lies just below one
// of them; where many hits share that logit, rounding would decide about them in every backend
// anew.
[[nodiscard]] inline float below_rounding(float threshold) {
  return static_cast<float>(double{threshold} - backend_tolerance * difference_unit(threshold));
}

struct LogitDifference {
  double largest_absolute = 0;
  double largest_relative =
      0;  // |a - b| / max(1, |b|); infinite where one of them is not finite and the other is
  double sum_of_squares = 0;  // of the absolute ones
  std::size_t compared = 0, events = 0;

  [[nodiscard]] double rms() const {
    return std::sqrt(sum_of_squares / static_cast<double>(std::max<std::size_t>(compared, 1)));
  }

  void add(std::span<const float> a, std::span<const float> b) {
    assert(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) add(double{a[i]}, double{b[i]});
  }

  // Of another backend on the same hits.
  void add_backend(const LogitDifference& other) {
    largest_absolute = std::max(largest_absolute, other.largest_absolute);
    largest_relative = std::max(largest_relative, other.largest_relative);
    sum_of_squares = std::max(sum_of_squares, other.sum_of_squares);
    compared = other.compared;
    events = other.events;
  }

  void add(double a, double b) {
    const double difference = a == b ? 0.0 : std::abs(a - b);
    const double absolute = std::isnan(difference) ? INFINITY : difference;
    largest_absolute = std::max(largest_absolute, absolute);
    largest_relative = std::max(largest_relative, absolute / difference_unit(b));
    sum_of_squares += absolute * absolute;
    ++compared;
  }
};

}  // namespace stationhit::metrics
