// Statistics of features in one pass over the events.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/features.hpp>
#include <stationhit/features/normalization.hpp>

namespace stationhit::features {

// Counts of float32 values in bins that keep sign, exponent and the first 11 bits of the fraction
// of a value: a bin is at most 2^-11 of its value wide (5e-4), and the integers up to 4096 are bin
// edges. At most 2^20 counts (8 MB), allocated in pages as values come.
class FloatHistogram {
 public:
  void add(float value);
  void merge(const FloatHistogram& other);

  struct Quantile {
    double value = 0;  // the edge towards zero of the bin that holds it
    double width = 0;  // of that bin: the true quantile lies in [value, value + width) of its sign
  };
  // The value of rank ceil(fraction * count) in ascending order, fraction in (0, 1]. Without
  // values: 0.
  [[nodiscard]] Quantile quantile(double fraction) const;

 private:
  static constexpr std::uint32_t page_size = 1024;
  using Page = std::array<std::uint64_t, page_size>;
  [[nodiscard]] Page& page(std::size_t number);

  std::vector<std::unique_ptr<Page>> pages_;
  std::uint64_t count_ = 0;
};

// Statistics per node of every feature. Mean and variance: exact within an event up to rounding of
// double (two passes, sums relative to a value of the event), combined by the pairwise formula of
// Chan, Golub and LeVeque (1983). median, iqr and quantile_error: FloatHistogram; quantile_error is
// the widest of the bins that hold the three quartiles. A constant feature has std 0 exactly.
// The result depends on the order of add and merge by rounding of the mean and the variance only;
// same order, same bits.
class StatisticsAccumulator {
 public:
  explicit StatisticsAccumulator(std::span<const std::string> names);

  // One event; its names are those of the constructor (asserted). Throws DataError naming the
  // feature if a value is NaN or Inf.
  void add(const FeatureTable& table);
  // Adds what `other` has seen, an accumulator of the same names (asserted).
  void merge(const StatisticsAccumulator& other);
  [[nodiscard]] NormalizationStats result() const;

 private:
  struct Moments {
    std::uint64_t count = 0;
    double mean = 0, squares = 0;  // squares: sum of (x - mean)^2
    float min = 0, max = 0;
  };
  [[nodiscard]] Moments moments_of(const FeatureTable& table, std::size_t feature) const;
  static void combine(Moments& all, const Moments& more);

  std::vector<std::string> names_;
  std::vector<Moments> moments_;
  std::vector<FloatHistogram> histograms_;
  std::uint64_t events_ = 0;
};

}  // namespace stationhit::features
