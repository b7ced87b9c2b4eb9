// The working points of every table and of the metadata of checkpoints and exported models.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace stationhit::metrics {

// Shares of the signal hits that the working points keep if a run or a file does not name others.
inline constexpr std::array<double, 3> working_points{0.985, 0.99, 0.995};

[[nodiscard]] inline std::vector<double> default_working_points() {
  return {working_points.begin(), working_points.end()};
}

// Throws ConfigError naming `key` unless the points are increasing shares between 0 and 1, both
// excluded, and at least one.
void check_working_points(const std::string& key, std::span<const double> points);

// The working points that a checkpoint or a model carries with its thresholds, ascending; the
// default ones where it has no thresholds.
[[nodiscard]] std::vector<double> working_points_of(const std::map<std::string, float>& thresholds);

// Their thresholds in the same order.
[[nodiscard]] std::vector<float> in_order_of_points(const std::map<std::string, float>& thresholds);

// The one used where a single working point is shown: figures against pT, eta and phi, tables per
// technology, purity by epoch.
inline constexpr double reference_working_point = 0.99;

// The one of these working points (at least one) that takes its place: reference_working_point
// itself if it is among them, else the nearest, of two that are equally near the larger.
[[nodiscard]] double reference_point_of(std::span<const double> points);

// A muon is kept if at least this many of its hits are kept.
inline constexpr unsigned min_hits_of_kept_muon = 3;

}  // namespace stationhit::metrics
