// Figures as plain data, and the one function that draws them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/sample_info.hpp>

namespace stationhit::plots {

// Texts are TLatex: "#varepsilon_{b}", "p_{T} [GeV]".

struct Axis {
  std::string title = {};                                         // with unit
  std::optional<std::pair<double, double>> range = std::nullopt;  // else from the data
  bool log = false;
  bool whole_numbers = false;  // ticks at whole numbers only (linear axes)
};

// Whether a unit of x is as long on the picture as a unit of y.
enum class UnitLengths { independent, equal };

enum class Draw {
  line,              // through (x, y)
  dashed_line,       // the same, dashed
  line_with_points,  // points and the line through them: a single point is seen
  points,            // markers at (x, y) with the error bars that are given; on a logarithmic axis
                     // y = 0 is an upper limit: an arrow down from y_high
  histogram,         // steps of height y over [x_low, x_high]
  filled_histogram,  // the same, filled
  segments,  // straight pieces from (x_low, y_low) to (x_high, y_high), dots where they are short;
             // y is not drawn
  map        // cells [x_low, x_high] x [y_low, y_high] in the colors of z on a logarithmic scale,
             // which stands beside the frame; where z is not positive, white
};

// Vectors have the length of y or are empty. A point with a NaN, or one that is not positive on a
// logarithmic axis, is not drawn.
struct Series {
  std::string label = {};  // legend entry, none if empty
  Draw draw = Draw::line;
  std::vector<double> x = {}, y = {};           // x may be empty for histograms
  std::vector<double> x_low = {}, x_high = {};  // bin edges, or ends of the horizontal bar
  std::vector<double> y_low = {}, y_high = {};  // ends of the vertical bar (not its lengths)
  std::vector<double> z = {};                   // of Draw::map
  std::vector<double> n = {};                   // entries behind each y, for the table only
  std::string color = {};                       // "#rrggbb", else by the place among the series
  short line_width = 3;                         // pixels
  std::size_t panel = 0;                        // of Figure::panels
  bool x_bars = true;                           // false: [x_low, x_high] is in the table only
};

struct Figure {
  std::string stem = {};  // file name without extension
  Axis x = {}, y = {};
  std::string z_title = {};  // of the color scale of a map
  std::vector<Series> series = {};
  std::vector<std::string> notes = {};  // lines under the label, at most two
  std::vector<std::string> categories =
      {};  // names of the x values 0, 1, ...: replace the numbers on the x axis
  // Names of the y values 0, 1, ... from the bottom: replace the numbers on the y axis, whose range
  // follows from them, and make the picture as high as they need.
  std::vector<std::string> rows = {};
  UnitLengths unit_lengths = UnitLengths::independent;
  // Names of frames one below the other, from the top, which have the same axes; empty: one frame
  // without a name.
  std::vector<std::string> panels = {};
};

// The texts that are the same on every figure of a report.
struct Style {
  std::string label = {};       // bold; empty: the lines below move up
  std::string conditions = {};  // likewise
};

// The label of a sample: its origin, its pile-up and its size ("1,700 events"), which is left out
// if empty.
[[nodiscard]] Style style_of(const core::SampleInfo& sample, const std::string& size = "");

// Title of the y axis of a histogram: "Share of muons / 4 GeV". A quantity without unit has none.
[[nodiscard]] std::string title_per_bin(const std::string& what, double width,
                                        const std::string& unit = "");

// The edges of at most `max_bins` bins whose width is 1, 2 or 5 times a power of ten, and which
// hold [low, high].
[[nodiscard]] std::vector<double> round_edges(double low, double high, std::size_t max_bins);

// The numbers of a figure: series,x,x_low,x_high,y,y_low,y_high,n (maps: and z), full precision,
// empty cells where a series has no such column.
[[nodiscard]] std::string figure_csv(const Figure& figure);

// Range of an axis that shows all `values` with a margin; log: positive values only, and wide
// enough for two labels of log_labels. A range of no width is widened. Without values [0, 1], or
// [0.1, 1] if log.
[[nodiscard]] std::pair<double, double> axis_range(const Axis& axis,
                                                   const std::vector<double>& values);

// A number beside a logarithmic axis.
struct TickLabel {
  double value = 0;
  std::string text = {};
};

// The room for the labels of an axis, in pixels: a label takes `per_label` of its length, and
// `per_letter` for every letter.
struct LabelRoom {
  double axis = 480, per_label = 45, per_letter = 0;
};

// The labels of a logarithmic axis: 1, 2 and 5 times a power of ten where they have room, else 1
// and 3 times one, else powers of ten, of many every second, third, ... A range without two of
// these has every whole multiple. At least two for a range that spans a factor of 5; none for a
// range that no logarithmic axis can have.
[[nodiscard]] std::vector<TickLabel> log_labels(double low, double high,
                                                const LabelRoom& room = {});

// Writes <folder>/<stem>.png, .pdf and .csv, each aside and then renamed. Needs no display. Uses
// ROOT's global state: one thread at a time. Throws DataError naming the file that cannot be
// written.
void write_figure(const Figure& figure, const Style& style, const std::filesystem::path& folder);

}  // namespace stationhit::plots
