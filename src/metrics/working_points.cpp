#include <algorithm>
#include <cmath>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/working_points.hpp>

namespace stationhit::metrics {
namespace {

// The map is sorted as text, which is not always the order of the numbers (0.5 before 1e-05).
std::vector<std::pair<double, float>> by_point(const std::map<std::string, float>& thresholds) {
  std::vector<std::pair<double, float>> points;
  for (const auto& [name, threshold] : thresholds) {
    const auto point = core::parse_number<double>(name);
    if (!point)
      throw core::DataError("the thresholds have the key '" + name +
                            "', expected a share such as 0.99; export the model again");
    points.emplace_back(*point, threshold);
  }
  std::sort(points.begin(), points.end());
  return points;
}

}  // namespace

void check_working_points(const std::string& key, std::span<const double> points) {
  const std::string expected =
      key + ": expected shares of the signal hits, increasing, above 0 and below 1, ";
  if (points.empty()) throw core::ConfigError(expected + "at least one, found none");
  double previous = 0;
  for (const double point : points) {
    if (!(point > previous && point < 1)) {
      throw core::ConfigError(expected + "found " + core::to_text(point) +
                              (previous > 0 ? " after " + core::to_text(previous) : ""));
    }
    previous = point;
  }
}

std::vector<double> working_points_of(const std::map<std::string, float>& thresholds) {
  if (thresholds.empty()) return default_working_points();
  std::vector<double> points;
  for (const auto& [point, threshold] : by_point(thresholds)) points.push_back(point);
  return points;
}

std::vector<float> in_order_of_points(const std::map<std::string, float>& thresholds) {
  std::vector<float> ordered;
  for (const auto& [point, threshold] : by_point(thresholds)) ordered.push_back(threshold);
  return ordered;
}

double reference_point_of(std::span<const double> points) {
  const auto distance = [](double point) { return std::abs(point - reference_working_point); };
  double nearest = points.front();
  for (const double point : points) {
    if (distance(point) <= distance(nearest)) nearest = point;
  }
  return nearest;
}

}  // namespace stationhit::metrics
