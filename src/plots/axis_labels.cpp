// Labels of logarithmic axes and widths of bins are 1, 2 or 5 times a power of ten. ROOT labels
// only powers of ten, of which a short axis has one or none. Of several sets of labels the densest
// that has room is taken.
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
constexpr std::array half_decades{1, 3};
constexpr std::array round_steps{1, 2, 5};
constexpr std::array all_steps{1, 2, 3, 4, 5, 6, 7, 8, 9};
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

std::string number_text(const Step& step) {
  return step.step == 1 ? power_text(step.exponent)
                        : std::to_string(step.step) + "#upoint" + power_text(step.exponent);
}

// Short numbers are written out; the labels of an axis are all of one kind.
std::vector<TickLabel> with_texts(const std::vector<Step>& steps) {
  const bool only_powers = std::ranges::all_of(steps, [](const Step& s) { return s.step == 1; });
  const bool short_numbers =
      std::ranges::all_of(steps, [](const Step& s) { return s.exponent >= -3 && s.exponent <= 5; });
  const bool written_out = short_numbers && !only_powers;
  std::vector<TickLabel> labels;
  for (const Step& step : steps)
    labels.push_back(
        {step.value(), written_out ? format("%.12g", step.value()) : number_text(step)});
  return labels;
}

// Letters of a text, whose markup is that of power_text and number_text.
double count_letters(const std::string& text) {
  double letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#') i += text.compare(i, 6, "#minus") == 0 ? 5 : 6;
    if (text[i] != '^' && text[i] != '{' && text[i] != '}') ++letters;
  }
  return letters;
}

bool have_room(const std::vector<TickLabel>& labels, double low, double high,
               const LabelRoom& room) {
  const double per_factor = room.axis / std::log(high / low);
  for (std::size_t i = 1; i < labels.size(); ++i) {
    const TickLabel &a = labels[i - 1], &b = labels[i];
    const double letters = 0.5 * (count_letters(a.text) + count_letters(b.text));
    if (std::log(b.value / a.value) * per_factor < room.per_label + room.per_letter * letters)
      return false;
  }
  return true;
}

// Of many decades every second, third, ...
std::vector<TickLabel> label_powers(double low, double high, const LabelRoom& room) {
  const std::vector<Step> all = steps_in(low, high, powers);
  for (std::size_t every = 1;; ++every) {
    std::vector<Step> shown;
    for (std::size_t i = 0; i < all.size(); i += every) shown.push_back(all[i]);
    std::vector<TickLabel> labels = with_texts(shown);
    if (labels.size() < 3 || have_room(labels, low, high, room)) return labels;
  }
}

}  // namespace

std::vector<TickLabel> log_labels(double low, double high, const LabelRoom& room) {
  if (!(low > 0.0 && high >= low && std::isfinite(high))) return {};
  for (const auto& steps :
       {std::span<const int>(round_steps), std::span<const int>(half_decades)}) {
    std::vector<TickLabel> labels = with_texts(steps_in(low, high, steps));
    if (labels.size() >= 2 && have_room(labels, low, high, room)) return labels;
  }
  std::vector<TickLabel> labels = label_powers(low, high, room);
  return labels.size() >= 2 ? labels : with_texts(steps_in(low, high, all_steps));
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
