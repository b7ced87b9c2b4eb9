// Mean and variance are computed per event in two passes and combined by the pairwise formula
// (Chan, Golub and LeVeque), so no large sums cancel. Quantiles come from a histogram over the bits
// of the floats: its bins are the values with the same sign, exponent and upper 11 bits of the
// fraction, stored in pages that exist only where there are values. Merging adds counts, so the
// quantiles are independent of the order.
#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/statistics_accumulator.hpp>

namespace stationhit::features {
namespace {

constexpr std::uint32_t fraction_bits_dropped = 12;  // of the 23 of float32
constexpr std::uint32_t n_magnitudes = 0x80000000U >> fraction_bits_dropped;

// The bin number ascends with the value: bins of negative values come first, beginning with the
// largest magnitude; -0 counts as 0.
std::uint32_t bin_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = (bits & 0x7FFFFFFFU) >> fraction_bits_dropped;
  return value < 0 ? n_magnitudes - 1 - magnitude : n_magnitudes + magnitude;
}

double edge(std::uint32_t magnitude) {
  return std::bit_cast<float>(magnitude << fraction_bits_dropped);
}

FloatHistogram::Quantile quantile_of_bin(std::uint32_t bin) {
  const bool negative = bin < n_magnitudes;
  const std::uint32_t magnitude = negative ? n_magnitudes - 1 - bin : bin - n_magnitudes;
  return {negative ? -edge(magnitude) : edge(magnitude), edge(magnitude + 1) - edge(magnitude)};
}

}  // namespace

// A feature occupies a few exponents, so most pages of the 2^20 bins are never made.
FloatHistogram::Page& FloatHistogram::page(std::size_t number) {
  if (pages_.empty()) pages_.resize(2 * n_magnitudes / page_size);
  if (!pages_[number]) pages_[number] = std::make_unique<Page>();
  return *pages_[number];
}

void FloatHistogram::add(float value) {
  const std::uint32_t bin = bin_of(value);
  ++page(bin / page_size)[bin % page_size];
  ++count_;
}

void FloatHistogram::merge(const FloatHistogram& other) {
  for (std::size_t p = 0; p < other.pages_.size(); ++p) {
    if (!other.pages_[p]) continue;
    Page& counts = page(p);
    for (std::uint32_t i = 0; i < page_size; ++i) counts[i] += (*other.pages_[p])[i];
  }
  count_ += other.count_;
}

FloatHistogram::Quantile FloatHistogram::quantile(double fraction) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (std::size_t p = 0; p < pages_.size(); ++p) {
    if (!pages_[p]) continue;
    for (std::uint32_t i = 0; i < page_size; ++i) {
      below += (*pages_[p])[i];
      if (below >= rank && below > 0)
        return quantile_of_bin(static_cast<std::uint32_t>(p) * page_size + i);
    }
  }
  return {};
}

StatisticsAccumulator::StatisticsAccumulator(std::span<const std::string> names)
    : names_(names.begin(), names.end()), moments_(names.size()), histograms_(names.size()) {}

void StatisticsAccumulator::add(const FeatureTable& table) {
  assert(table.names == names_);
  const std::size_t n_features = names_.size();
  for (std::size_t f = 0; f < n_features; ++f) {
    combine(moments_[f], moments_of(table, f));
    for (std::size_t i = f; i < table.values.size(); i += n_features)
      histograms_[f].add(table.values[i]);
  }
  ++events_;
}

StatisticsAccumulator::Moments StatisticsAccumulator::moments_of(const FeatureTable& table,
                                                                 std::size_t feature) const {
  const std::size_t step = names_.size();
  Moments moments;
  if (table.values.empty()) return moments;
  // Differences to the first value keep the sum small for features such as global positions, whose
  // mean is far larger than their spread.
  const double origin = table.values[feature];
  double sum = 0;
  moments.min = moments.max = table.values[feature];
  for (std::size_t i = feature; i < table.values.size(); i += step) {
    const float value = table.values[i];
    if (!std::isfinite(value))
      throw core::DataError("the feature " + names_[feature] + " is " + core::to_text(value) +
                            " for node " + std::to_string(i / step) +
                            ": the positions of its hit overflow float32; remove the event");
    moments.min = std::min(moments.min, value);
    moments.max = std::max(moments.max, value);
    sum += value - origin;
  }
  moments.count = table.values.size() / step;
  moments.mean = origin + sum / static_cast<double>(moments.count);
  for (std::size_t i = feature; i < table.values.size(); i += step) {
    const double difference = table.values[i] - moments.mean;
    moments.squares += difference * difference;
  }
  return moments;
}

void StatisticsAccumulator::combine(Moments& all, const Moments& more) {
  if (more.count == 0) return;
  if (all.count == 0) {
    all = more;
    return;
  }
  const double n_all = static_cast<double>(all.count);
  const double n_more = static_cast<double>(more.count);
  const double difference = more.mean - all.mean;
  all.mean += difference * (n_more / (n_all + n_more));
  all.squares += more.squares + difference * difference * (n_all * n_more / (n_all + n_more));
  all.count += more.count;
  all.min = std::min(all.min, more.min);
  all.max = std::max(all.max, more.max);
}

void StatisticsAccumulator::merge(const StatisticsAccumulator& other) {
  assert(other.names_ == names_);
  for (std::size_t f = 0; f < names_.size(); ++f) {
    combine(moments_[f], other.moments_[f]);
    histograms_[f].merge(other.histograms_[f]);
  }
  events_ += other.events_;
}

NormalizationStats StatisticsAccumulator::result() const {
  NormalizationStats stats;
  stats.events = events_;
  for (std::size_t f = 0; f < names_.size(); ++f) {
    const Moments& moments = moments_[f];
    const auto lower = histograms_[f].quantile(0.25);
    const auto median = histograms_[f].quantile(0.5);
    const auto upper = histograms_[f].quantile(0.75);
    FeatureStatistics feature;
    feature.name = names_[f];
    feature.count = moments.count;
    feature.mean = moments.mean;
    feature.std =
        moments.count > 0 ? std::sqrt(moments.squares / static_cast<double>(moments.count)) : 0.0;
    feature.min = moments.min;
    feature.max = moments.max;
    feature.median = median.value;
    feature.iqr = upper.value - lower.value;
    feature.quantile_error = std::max({lower.width, median.width, upper.width});
    stats.features.push_back(feature);
  }
  return stats;
}

}  // namespace stationhit::features
