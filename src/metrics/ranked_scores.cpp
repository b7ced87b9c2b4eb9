// Signal and background scores are sorted once, O(n log n). Every threshold is then a binary
// search, a working point is an index into the sorted signal scores, and the AUC is one merge of
// the two lists that counts pairs exactly as integers.
#include <algorithm>
#include <cassert>
#include <cmath>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/working_points.hpp>

#include "just_below.hpp"

namespace stationhit::metrics {
namespace {

void check_finite(std::span<const float> scores) {
  const auto bad =
      std::find_if(scores.begin(), scores.end(), [](float score) { return !std::isfinite(score); });
  if (bad == scores.end()) return;
  throw core::DataError("score of hit " + std::to_string(bad - scores.begin()) + " is " +
                        core::to_text(*bad) +
                        ": metrics need finite scores; check the network for overflow (learning "
                        "rate, gradient_clip) and the inputs for NaN");
}

std::uint64_t count_above(std::span<const float> ascending, float threshold) {
  return static_cast<std::uint64_t>(
      ascending.end() - std::upper_bound(ascending.begin(), ascending.end(), threshold));
}

}  // namespace

RankedScores::RankedScores(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  assert(scores.size() == labels.size());
  check_finite(scores);
  const auto n_background =
      static_cast<std::size_t>(std::count(labels.begin(), labels.end(), std::uint8_t{0}));
  background_.reserve(n_background);
  signal_.reserve(scores.size() - n_background);
  for (std::size_t i = 0; i < scores.size(); ++i)
    (labels[i] != 0 ? signal_ : background_).push_back(scores[i]);
  std::sort(signal_.begin(), signal_.end());
  std::sort(background_.begin(), background_.end());
}

Counts RankedScores::counts_at(float threshold) const {
  Counts counts;
  counts.true_positives = count_above(signal_, threshold);
  counts.false_positives = count_above(background_, threshold);
  counts.false_negatives = signal_.size() - counts.true_positives;
  counts.true_negatives = background_.size() - counts.false_positives;
  return counts;
}

double RankedScores::auc() const {
  if (signal_.empty() || background_.empty()) {
    throw core::DataError("AUC needs signal hits and background hits, but the sample has " +
                          std::to_string(signal_.size()) + " signal and " +
                          std::to_string(background_.size()) +
                          " background hits; use a larger sample");
  }
  // Twice the number of (signal, background) pairs in the right order, with ties counted once:
  // below + (below or equal) for every signal hit.
  std::uint64_t twice_pairs = 0;
  std::size_t below = 0, below_or_equal = 0;
  for (const float score : signal_) {
    while (below < background_.size() && background_[below] < score) ++below;
    while (below_or_equal < background_.size() && background_[below_or_equal] <= score)
      ++below_or_equal;
    twice_pairs += below + below_or_equal;
  }
  return static_cast<double>(twice_pairs) /
         (2.0 * static_cast<double>(signal_.size()) * static_cast<double>(background_.size()));
}

double reference_purity(const RankedScores& ranked) {
  return ranked.counts_at(ranked.working_point_threshold(reference_working_point)).purity();
}

std::map<std::string, float> working_point_thresholds(const RankedScores& ranked,
                                                      std::span<const double> points) {
  std::map<std::string, float> thresholds;
  for (const double point : points)
    thresholds[core::to_text(point)] = ranked.working_point_threshold(point);
  return thresholds;
}

std::uint64_t hits_needed(double working_point, std::uint64_t n) {
  if (!(working_point > 0.0 && working_point <= 1.0)) {
    throw core::ConfigError("working point " + core::to_text(working_point) +
                            ": must be a share of the signal hits, above 0 and at most 1");
  }
  // The comparison uses the quotient, because k / n is correctly rounded and so equals the decimal
  // constant if the share is met exactly.
  // The product may be off by one after rounding, so it is only the start of the search.
  auto needed = static_cast<std::uint64_t>(working_point * static_cast<double>(n));
  while (needed > 0 && ratio(needed - 1, n) >= working_point) --needed;
  while (needed < n && ratio(needed, n) < working_point) ++needed;
  return needed;
}

float RankedScores::working_point_threshold(double working_point) const {
  const std::uint64_t needed = hits_needed(working_point, signal_.size());
  if (signal_.empty())
    throw core::DataError(
        "a working point needs at least one signal hit, but the sample has none; use a larger "
        "sample");
  return just_below(signal_[signal_.size() - needed]);
}

double auc(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  return RankedScores(scores, labels).auc();
}

float working_point_threshold(std::span<const float> scores, std::span<const std::uint8_t> labels,
                              double working_point) {
  return RankedScores(scores, labels).working_point_threshold(working_point);
}

Counts counts_at(std::span<const float> scores, std::span<const std::uint8_t> labels,
                 float threshold) {
  assert(scores.size() == labels.size());
  Counts counts;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool kept = scores[i] > threshold;
    if (labels[i] != 0) {
      ++(kept ? counts.true_positives : counts.false_negatives);
    } else {
      ++(kept ? counts.false_positives : counts.true_negatives);
    }
  }
  return counts;
}

double purity_at(std::span<const float> scores, std::span<const std::uint8_t> labels,
                 float threshold) {
  return counts_at(scores, labels, threshold).purity();
}

}  // namespace stationhit::metrics
