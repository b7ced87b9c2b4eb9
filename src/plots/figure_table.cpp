// Every figure has its numbers beside it as CSV (RFC 4180), so that it can be drawn again or
// compared without reading a picture.
#include <algorithm>
#include <cassert>
#include <vector>

#include <stationhit/core/text.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

}  // namespace

std::string figure_csv(const Figure& figure) {
  const bool is_map =
      std::ranges::any_of(figure.series, [](const Series& one) { return !one.z.empty(); });
  std::string text = "series,x,x_low,x_high,y,y_low,y_high,n";
  text += is_map ? ",z\n" : "\n";
  for (const Series& series : figure.series) {
    std::vector columns{&series.x,     &series.x_low,  &series.x_high, &series.y,
                        &series.y_low, &series.y_high, &series.n};
    if (is_map) columns.push_back(&series.z);
    for (std::size_t row = 0; row < series.y.size(); ++row) {
      text += quoted(series.label);
      for (const std::vector<double>* column : columns) {
        assert(column->empty() || column->size() == series.y.size());
        text += "," + (column->empty() ? std::string() : core::to_text((*column)[row]));
      }
      text += "\n";
    }
  }
  return text;
}

Style style_of(const core::SampleInfo& sample, const std::string& size) {
  const std::string pile_up = core::pile_up_line(sample, "#LT#mu#GT");
  return {sample.origin, pile_up + (pile_up.empty() || size.empty() ? "" : ", ") + size};
}

}  // namespace stationhit::plots
