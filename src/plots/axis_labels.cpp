// Labels of logarithmic axes and widths of bins are 1, 2 or 5 times a power of ten. ROOT labels
// only powers of ten, of which a short axis has one or none.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {
namespace {

constexpr std::array powers{1};
constexpr std::array round_steps{1, 2, 5};
constexpr std::array all_steps{1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr std::size_t most_labels = 9;
constexpr double tolerance = 1e-9;  // of a relative position: ends of a range are often labels

// A step of a decade: step * 10^exponent.
struct Step {
  int step = 1, exponent = 0;

  [[nodiscard]] double value() const { return step * std::pow(10.0, exponent); }
};

std::vector<Step> steps_in(double low, double high, std::span<const int> steps) {
  std::vector<Step> found;
  const int last = static_cast<int>(std::floor(std::log10(high) + tolerance));
  for (int exponent = static_cast<int>(std::floor(std::log10(low))); exponent <= last; ++exponent) {
    for (const int step : steps) {
      const Step candidate{step, exponent};
      if (candidate.value() >= low * (1 - tolerance) && candidate.value() <= high * (1 + tolerance))
        found.push_back(candidate);
    }
  }
  return found;
}

std::string format(const char* pattern, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

std::string power_text(int exponent) {
  if (exponent == 0) return "1";
  if (exponent == 1) return "10";
  return "10^{" + std::string(exponent < 0 ? "#minus" : "") + std::to_string(std::abs(exponent)) +
         "}";
}

// Short numbers are written out; the labels of an axis are all of one kind.
std::vector<TickLabel> with_texts(const std::vector<Step>& steps) {
  const bool only_powers = std::ranges::all_of(steps, [](const Step& s) { return s.step == 1; });
  const bool short_numbers =
      std::ranges::all_of(steps, [](const Step& s) { return s.exponent >= -3 && s.exponent <= 5; });
  std::vector<TickLabel> labels;
  for (const Step& step : steps) {
    std::string text = only_powers ? power_text(step.exponent)
                       : short_numbers
                           ? format("%.12g", step.value())
                           : std::to_string(step.step) + "#upoint" + power_text(step.exponent);
    labels.push_back({step.value(), std::move(text)});
  }
  return labels;
}

}  // namespace

std::vector<TickLabel> log_labels(double low, double high) {
  if (!(low > 0.0 && high >= low && std::isfinite(high))) return {};
  std::vector<Step> steps = steps_in(low, high, powers);
  if (steps.size() < 2) steps = steps_in(low, high, round_steps);
  if (steps.size() < 2) steps = steps_in(low, high, all_steps);
  // Of many decades every second, third, ... has a label.
  const std::size_t every = (steps.size() + most_labels - 1) / most_labels;
  std::vector<Step> shown;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (i % every == 0) shown.push_back(steps[i]);
  return with_texts(shown);
}

std::string title_per_bin(const std::string& what, double width, const std::string& unit) {
  return what + " / " + format("%.3g", width) + (unit.empty() ? "" : " " + unit);
}

std::vector<double> round_edges(double low, double high, std::size_t max_bins) {
  if (!(high > low)) high = low + 1.0;
  // One bin is lost where the lowest value is not at an edge.
  const double least = (high - low) / static_cast<double>(std::max<std::size_t>(max_bins, 3) - 2);
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  double width = 10 * decade;
  for (const int step : {5, 2, 1})
    if (step * decade >= least * (1 - tolerance)) width = step * decade;
  std::vector<double> edges;
  // Products and not sums, so that rounding errors do not add up.
  for (auto i = static_cast<std::int64_t>(std::floor(low / width + tolerance));; ++i) {
    edges.push_back(static_cast<double>(i) * width);
    if (edges.size() > 1 && edges.back() >= high) return edges;
  }
}

}  // namespace stationhit::plots
