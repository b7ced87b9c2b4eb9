// The layout of a figure, computed before anything is drawn. Independent of ROOT.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {

// Pixels around the frame; on the left, row_margin of figures with named rows, and more where the
// numbers beside the axis are long. On the right, maps have more.
inline constexpr int left_margin = 135, row_margin = 330, right_margin = 45, bottom_margin = 101,
                     top_margin = 140;
// Heights of letters in pixels.
inline constexpr int text_height = 27, label_height = 30, title_height = 36;
// Pixels between the edge of the picture and the title of an axis, between this and the numbers,
// and between these and the frame.
inline constexpr int title_edge = 12, title_gap = 14, number_gap = 8;

// The picture, in pixels. Positions on it are shares, from the lower left corner.
struct Canvas {
  int width = 900, height = 720;
  int left = left_margin, right = right_margin;

  [[nodiscard]] double share_of_width(double pixels) const { return pixels / width; }
  [[nodiscard]] double share_of_height(double pixels) const { return pixels / height; }
  // ROOT measures letters in shares of the shorter side.
  [[nodiscard]] float text_size(double pixels) const {
    return static_cast<float>(pixels / (width < height ? width : height));
  }
};

struct AxisRange {
  double low = 0, high = 1;
};

// In the units of the axes; the error bars as lengths, 0 = none.
struct Point {
  double x = 0, y = 0;
  double left = 0, right = 0, down = 0, up = 0;
};

// A straight line.
struct Segment {
  double x_low = 0, y_low = 0, x_high = 0, y_high = 0;
};

// A cell of a map, and the place of its value on the color scale, 0 to 1.
struct Cell {
  Segment corners;
  double color = 0;
};

// The visible part of one series.
struct SeriesLayout {
  std::vector<Point> points;      // of the line, the markers or the outline of the steps, in order
  std::vector<Point> limits;      // upper limits: `down` is the length of the arrow
  std::vector<Segment> segments;  // only of Draw::segments, where `points` are the short ones
  std::vector<Cell> cells = {};   // only of Draw::map
  bool thin = false;              // so many segments that they are drawn thin
  bool in_legend = false;
};

struct LegendLayout {
  int columns = 1;
  double text_height = 0;   // pixels
  float column_margin = 0;  // share of a column in front of its text
  // Fractions of the canvas.
  double left = 0, right = 0, bottom = 0, top = 0;
  bool empty = true;
};

// A line of text above the frame.
struct TextLine {
  std::string text;
  double y = 0;      // of the canvas
  double width = 0;  // of the canvas: longer text is drawn smaller
  bool bold = false;
};

// Where the axes stand, in shares of the canvas.
struct Frame {
  double left = 0, right = 0, bottom = 0, top = 0;
  std::string name = {};  // of the panel
};

struct Layout {
  Canvas canvas;
  std::vector<Frame> frames;  // from the top; one of a figure without panels
  AxisRange x, y, z;
  std::vector<TickLabel> x_labels, y_labels;  // of logarithmic axes
  std::vector<TickLabel> z_labels;            // of the color scale of a map
  Frame color_scale;                          // of a map
  std::vector<SeriesLayout> series;           // in the order of the figure
  LegendLayout legend;
  std::vector<TextLine> lines;
};

// The length of a text, in pixels, whose letters have this height: numbers, and the markup of
// log_labels.
[[nodiscard]] double measure_number(const std::string& text, double height);

[[nodiscard]] Layout lay_out(const Figure& figure, const Style& style);

}  // namespace stationhit::plots
