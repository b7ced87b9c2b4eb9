// The layout of a figure, computed before anything is drawn. Independent of ROOT.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {

// Share of the canvas around the frame.
inline constexpr float left_margin = 0.15F, right_margin = 0.05F, bottom_margin = 0.14F,
                       top_margin = 0.185F;
inline constexpr float text_size = 0.037F;

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

// The visible part of one series.
struct SeriesLayout {
  std::vector<Point> points;      // of the line, the markers or the outline of the steps, in order
  std::vector<Segment> segments;  // only of Draw::segments, where `points` are the short ones
  bool thin = false;              // so many segments that they are drawn thin
  bool in_legend = false;
};

struct LegendLayout {
  int columns = 1;
  float text_size = 0;
  float column_margin = 0;  // share of a column in front of its text
  // Fractions of the canvas.
  double left = 0, right = 0, bottom = 0, top = 0;
  bool empty = true;
};

// A line of text above the frame.
struct TextLine {
  std::string text;
  double y = 0;  // of the canvas
  bool bold = false;
};

struct Layout {
  AxisRange x, y;
  std::vector<SeriesLayout> series;  // in the order of the figure
  LegendLayout legend;
  std::vector<TextLine> lines;
};

[[nodiscard]] Layout lay_out(const Figure& figure, const Style& style);

}  // namespace stationhit::plots
