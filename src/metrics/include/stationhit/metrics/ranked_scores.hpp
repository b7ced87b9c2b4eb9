// Pooled hit scores and what follows from their order: AUC, working points, counts at a threshold.
// A hit is kept at threshold t if its score > t (strictly).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <stationhit/metrics/counts.hpp>
#include <stationhit/metrics/working_points.hpp>

namespace stationhit::metrics {

// Scores of all hits split by label and sorted once; answers any number of questions afterwards.
class RankedScores {
 public:
  RankedScores() = default;  // of no hits
  // labels: 0 background, else signal; one per score (asserted). Throws DataError naming the first
  // score that is NaN or Inf.
  RankedScores(std::span<const float> scores, std::span<const std::uint8_t> labels);

  [[nodiscard]] std::span<const float> signal() const { return signal_; }          // ascending
  [[nodiscard]] std::span<const float> background() const { return background_; }  // ascending

  [[nodiscard]] Counts counts_at(float threshold) const;

  // Probability that a signal hit scores higher than a background hit, ties counted half; exact
  // (integer arithmetic). Throws DataError if there is no signal hit or no background hit.
  [[nodiscard]] double auc() const;

  // The largest float32 t such that at least the share `working_point` of the signal hits has score
  // > t. Throws ConfigError if the working point is not in (0, 1], DataError if there is no signal
  // hit.
  [[nodiscard]] float working_point_threshold(double working_point) const;

 private:
  std::vector<float> signal_, background_;
};

// Purity of what the reference working point keeps. Throws as working_point_threshold.
[[nodiscard]] double reference_purity(const RankedScores& ranked);

// Thresholds of working points by their names ("0.985"). Throws as working_point_threshold.
[[nodiscard]] std::map<std::string, float> working_point_thresholds(const RankedScores& ranked,
                                                                    std::span<const double> points);

// Smallest number of n signal hits that is at least the share `working_point` of them.
[[nodiscard]] std::uint64_t hits_needed(double working_point, std::uint64_t n);

// Shortcuts for a single quantity, with the errors above. To compute several, build RankedScores
// once.
[[nodiscard]] double auc(std::span<const float> scores, std::span<const std::uint8_t> labels);
[[nodiscard]] float working_point_threshold(std::span<const float> scores,
                                            std::span<const std::uint8_t> labels,
                                            double working_point);
[[nodiscard]] Counts counts_at(std::span<const float> scores, std::span<const std::uint8_t> labels,
                               float threshold);
[[nodiscard]] double purity_at(std::span<const float> scores, std::span<const std::uint8_t> labels,
                               float threshold);

}  // namespace stationhit::metrics
