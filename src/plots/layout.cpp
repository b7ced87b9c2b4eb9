// Each part of the layout is a function of the figure: first the ranges of the axes, then the part
// of every series that is visible inside them, then the legend and the text. Label and legend are
// above the frame, so neither can cover data.
#include "layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <utility>

namespace stationhit::plots {
namespace {

constexpr std::size_t many_segments = 500;  // more are drawn thin
constexpr double dot_share = 0.003;         // of the axis: shorter segments are dots
constexpr double legend_row = 38.16, legend_below_top = 11;  // pixels
constexpr double legend_left = 0.52;
// If there are more entries than rows above the frame, the legend has two columns, or one column in
// smaller print if the entries are long.
constexpr int rows_above_frame = 3;
constexpr std::size_t longest_in_column = 16;
constexpr double first_line = 33, line_distance = 32;       // pixels below the top
constexpr double text_gap = 0.01;                           // between text and legend
constexpr double lowest_frame = 300, highest_frame = 1100;  // pixels
constexpr double row_height = 38;                           // pixels
constexpr int panel_height = 170;                           // pixels
constexpr double arrow_length = 36;                         // pixels, of an upper limit
// Labels of logarithmic axes: distances in pixels, in panels closer, and the width of a letter.
constexpr double label_distance = 45, panel_label_distance = 32, label_gap = 18, letter_width = 15;

AxisRange find_range(const Axis& axis, const Figure& figure,
                     std::initializer_list<std::vector<double> Series::*> columns) {
  std::vector<double> values;
  for (const Series& series : figure.series) {
    for (const auto column : columns)
      values.insert(values.end(), (series.*column).begin(), (series.*column).end());
  }
  const auto [low, high] = axis_range(axis, values);
  return {low, high};
}

bool is_visible(const Figure& figure, double x, double y) {
  return std::isfinite(x) && std::isfinite(y) && (!figure.x.log || x > 0) &&
         (!figure.y.log || y > 0);
}

std::vector<Point> lay_out_line(const Figure& figure, const Series& series) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (is_visible(figure, series.x[i], series.y[i]))
      points.push_back({.x = series.x[i], .y = series.y[i]});
  }
  return points;
}

bool is_upper_limit(const Figure& figure, const Series& series, std::size_t i) {
  return figure.y.log && series.y[i] == 0 && !series.y_high.empty() &&
         is_visible(figure, series.x[i], series.y_high[i]);
}

// `arrow` is the share of the y axis that an arrow has.
std::vector<Point> lay_out_limits(const Figure& figure, const Series& series, const AxisRange& y,
                                  double arrow) {
  std::vector<Point> limits;
  const double end = std::pow(y.low / y.high, arrow);
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    if (!is_upper_limit(figure, series, i)) continue;
    const double at = series.y_high[i];
    const auto length = [&](const std::vector<double>& ends) {
      return ends.empty() || !series.x_bars ? 0.0 : std::fabs(ends[i] - series.x[i]);
    };
    limits.push_back({.x = series.x[i],
                      .y = at,
                      .left = length(series.x_low),
                      .right = length(series.x_high),
                      .down = at - std::max(at * end, y.low)});
  }
  return limits;
}

std::vector<Point> lay_out_points(const Figure& figure, const Series& series) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double x = series.x[i], y = series.y[i];
    if (!is_visible(figure, x, y)) continue;
    // An end that is not finite (an infinite rejection) has no error bar.
    const auto length = [i](const std::vector<double>& ends, double center) {
      return ends.empty() || !std::isfinite(ends[i]) ? 0.0 : std::fabs(ends[i] - center);
    };
    points.push_back({x, y, series.x_bars ? length(series.x_low, x) : 0.0,
                      series.x_bars ? length(series.x_high, x) : 0.0, length(series.y_low, y),
                      length(series.y_high, y)});
  }
  return points;
}

// The outline of the steps starts and ends at the bottom of the frame; on a logarithmic axis an
// empty bin is at the bottom.
std::vector<Point> lay_out_steps(const Series& series, double floor) {
  std::vector<Point> points;
  const auto add = [&](double x, double y) { points.push_back({.x = x, .y = y}); };
  double end = std::nan("");
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double y = std::isfinite(series.y[i]) ? std::max(series.y[i], floor) : floor;
    // Bins are compared exactly: neighboring bins share the same edge, bit by bit.
    if (series.x_low[i] != end) {  // a gap: down and up again
      if (std::isfinite(end)) add(end, floor);
      add(series.x_low[i], floor);
    }
    add(series.x_low[i], y);
    add(series.x_high[i], y);
    end = series.x_high[i];
  }
  if (std::isfinite(end)) add(end, floor);
  return points;
}

// Segments that leave the frame are not drawn, because a pad does not clip lines. A segment seen
// end-on is drawn as a dot.
SeriesLayout lay_out_segments(const Figure& figure, const Series& series, const AxisRange& x,
                              const AxisRange& y) {
  const auto in_frame = [&](double at_x, double at_y) {
    return is_visible(figure, at_x, at_y) && at_x >= x.low && at_x <= x.high && at_y >= y.low &&
           at_y <= y.high;
  };
  const double dot_x = dot_share * (x.high - x.low), dot_y = dot_share * (y.high - y.low);
  SeriesLayout layout;
  layout.thin = series.y.size() > many_segments;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const Segment segment{series.x_low[i], series.y_low[i], series.x_high[i], series.y_high[i]};
    if (!in_frame(segment.x_low, segment.y_low) || !in_frame(segment.x_high, segment.y_high))
      continue;
    if (std::abs(segment.x_high - segment.x_low) < dot_x &&
        std::abs(segment.y_high - segment.y_low) < dot_y)
      layout.points.push_back(
          {.x = (segment.x_low + segment.x_high) / 2, .y = (segment.y_low + segment.y_high) / 2});
    else
      layout.segments.push_back(segment);
  }
  layout.in_legend = !series.label.empty();
  return layout;
}

SeriesLayout lay_out_series(const Figure& figure, const Series& series, const AxisRange& x,
                            const AxisRange& y, double arrow) {
  if (series.draw == Draw::map) return {};  // its cells: lay_out_cells
  if (series.draw == Draw::segments) return lay_out_segments(figure, series, x, y);
  SeriesLayout layout;
  if (series.draw == Draw::histogram || series.draw == Draw::filled_histogram) {
    layout.points = lay_out_steps(series, y.low);
  } else if (series.draw == Draw::points || series.draw == Draw::line_with_points) {
    layout.points = lay_out_points(figure, series);
    layout.limits = lay_out_limits(figure, series, y, arrow);
  } else {
    layout.points = lay_out_line(figure, series);
  }
  layout.in_legend = !series.label.empty() && !(layout.points.empty() && layout.limits.empty());
  return layout;
}

LegendLayout lay_out_legend(const Figure& figure, const std::vector<SeriesLayout>& series,
                            const Canvas& canvas) {
  const auto entries = std::ranges::count_if(series, &SeriesLayout::in_legend);
  const bool many = entries > rows_above_frame;
  const bool wide = std::ranges::any_of(
      figure.series, [](const Series& one) { return one.label.size() > longest_in_column; });
  LegendLayout legend;
  legend.columns = many && !wide ? 2 : 1;
  const double rows = std::ceil(static_cast<double>(entries) / legend.columns);
  const double scale = std::min(1.0, rows_above_frame / rows);  // no entries: infinite, so 1
  legend.text_height = scale * text_height;
  legend.column_margin = legend.columns == 2 ? 0.3F : 0.15F;
  legend.left = legend_left;
  legend.right = 1.0 - canvas.share_of_width(canvas.right);
  legend.top = 1.0 - canvas.share_of_height(legend_below_top);
  legend.bottom = legend.top - canvas.share_of_height(rows * scale * legend_row);
  legend.empty = entries == 0;
  return legend;
}

// Beside the legend a line ends in front of it, below it it has the width of the frame.
std::vector<TextLine> lay_out_text(const Figure& figure, const Style& style,
                                   const LegendLayout& legend, const Canvas& canvas) {
  const double left = canvas.share_of_width(canvas.left),
               right = 1.0 - canvas.share_of_width(canvas.right);
  std::vector<TextLine> lines;
  const auto add = [&](const std::string& text, bool bold) {
    if (text.empty()) return;
    const double y = lines.empty() ? 1.0 - canvas.share_of_height(first_line)
                                   : lines.back().y - canvas.share_of_height(line_distance);
    const bool beside_legend =
        !legend.empty && y + canvas.share_of_height(text_height) > legend.bottom;
    lines.push_back({text, y, (beside_legend ? legend.left - text_gap : right) - left, bold});
  };
  add(style.label, true);
  add(style.conditions, false);
  for (const std::string& note : figure.notes) add(note, false);
  return lines;
}

// Equal lengths of the units fix the ratio of the sides of the frame, whose width is always the
// same. Rows have the same height in all figures, so many of them make a high picture.
Canvas choose_canvas(const Figure& figure, const AxisRange& x, const AxisRange& y) {
  Canvas canvas;
  if (!figure.panels.empty()) {
    canvas.height =
        static_cast<int>(figure.panels.size()) * panel_height + bottom_margin + top_margin;
    return canvas;
  }
  if (!figure.rows.empty()) {
    canvas.width += row_margin - left_margin;
    canvas.left = row_margin;
    const double rows = row_height * static_cast<double>(figure.rows.size());
    canvas.height = static_cast<int>(std::max(lowest_frame, rows)) + bottom_margin + top_margin;
    return canvas;
  }
  if (figure.unit_lengths == UnitLengths::independent) return canvas;
  const double frame_width = canvas.width - left_margin - right_margin;
  const double frame_height =
      std::clamp(frame_width * (y.high - y.low) / (x.high - x.low), lowest_frame, highest_frame);
  canvas.height = static_cast<int>(std::lround(frame_height)) + bottom_margin + top_margin;
  return canvas;
}

// Panels share the height.
std::vector<Frame> lay_out_frames(const Figure& figure, const Canvas& canvas) {
  const double left = canvas.share_of_width(canvas.left),
               right = 1 - canvas.share_of_width(canvas.right),
               bottom = canvas.share_of_height(bottom_margin),
               top = 1 - canvas.share_of_height(top_margin);
  if (figure.panels.empty()) return {{left, right, bottom, top}};
  const double height = (top - bottom) / static_cast<double>(figure.panels.size());
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < figure.panels.size(); ++i) {
    const double above = top - static_cast<double>(i) * height;
    frames.push_back({left, right, above - height, above, figure.panels[i]});
  }
  return frames;
}

// Labels at the very ends of panels would meet those of the next one.
void leave_ends_free(std::vector<TickLabel>& labels, const AxisRange& range) {
  constexpr double end = 0.09;
  std::erase_if(labels, [&](const TickLabel& label) {
    const double share = std::log(label.value / range.low) / std::log(range.high / range.low);
    return share < end || share > 1 - end;
  });
}

double frame_height_of(const Layout& layout) {
  const Frame& frame = layout.frames.front();
  return (frame.top - frame.bottom) * layout.canvas.height;
}

void lay_out_labels(Layout& layout, const Figure& figure) {
  const Frame& frame = layout.frames.front();
  if (figure.x.log) {
    layout.x_labels =
        log_labels(layout.x.low, layout.x.high,
                   {(frame.right - frame.left) * layout.canvas.width, label_gap, letter_width});
  }
  if (!figure.y.log) return;
  const bool panels = layout.frames.size() > 1;
  layout.y_labels =
      log_labels(layout.y.low, layout.y.high,
                 {frame_height_of(layout), panels ? panel_label_distance : label_distance});
  if (panels) leave_ends_free(layout.y_labels, layout.y);
}

double longest_of(const std::vector<TickLabel>& labels) {
  double longest = 0;
  for (const TickLabel& label : labels)
    longest = std::max(longest, measure_number(label.text, label_height));
  return longest;
}

// ROOT chooses the numbers of a linear axis: at most seven, with the digits that their distance
// needs, and a power of ten at the end of the axis where they would be longer than four digits.
double longest_linear_label(const AxisRange& range) {
  constexpr std::size_t most_numbers = 7;
  constexpr int most_digits = 4;
  const std::vector<double> numbers = round_edges(range.low, range.high, most_numbers + 2);
  const double step = numbers[1] - numbers[0];
  const int decimals =
      std::clamp(-static_cast<int>(std::floor(std::log10(step) + 1e-9)), 0, most_digits);
  double longest = 0;
  for (const double number : numbers) {
    if (number < range.low || number > range.high) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, std::min(number, 9999.0));
    longest = std::max(longest, measure_number(text, label_height));
  }
  return longest;
}

// Widens the picture where the numbers beside the y axis would reach its title.
void make_room_for_numbers(Layout& layout, const Figure& figure) {
  if (figure.y.title.empty() || !figure.rows.empty()) return;
  const double longest =
      figure.y.log ? longest_of(layout.y_labels) : longest_linear_label(layout.y);
  const int needed =
      title_edge + title_height + title_gap + number_gap + static_cast<int>(std::ceil(longest));
  const int more = std::max(0, needed - layout.canvas.left);
  layout.canvas.left += more;
  layout.canvas.width += more;
}

constexpr int color_scale_gap = 16, color_scale_width = 26;  // pixels

// The color scale stands on the right, with its numbers and its title.
void make_room_for_colors(Layout& layout, const Figure& figure) {
  std::vector<double> values;
  for (const Series& series : figure.series)
    std::ranges::copy_if(series.z, std::back_inserter(values), [](double z) { return z > 0; });
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  layout.z = {low, std::max(high, 10 * low)};
  layout.z_labels =
      log_labels(layout.z.low, layout.z.high, {frame_height_of(layout), label_distance});
  const int more = color_scale_gap + color_scale_width + number_gap +
                   static_cast<int>(std::ceil(longest_of(layout.z_labels))) + title_gap +
                   title_height + title_edge - right_margin;
  layout.canvas.right += more;
  layout.canvas.width += more;
}

void lay_out_color_scale(Layout& layout) {
  if (layout.z_labels.empty()) return;
  const Canvas& canvas = layout.canvas;
  const Frame& frame = layout.frames.front();
  const double left = frame.right + canvas.share_of_width(color_scale_gap);
  layout.color_scale = {left, left + canvas.share_of_width(color_scale_width), frame.bottom,
                        frame.top};
}

std::vector<Cell> lay_out_cells(const Series& series, const AxisRange& z) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < series.z.size(); ++i) {
    if (!(series.z[i] > 0)) continue;
    const double color = std::log(series.z[i] / z.low) / std::log(z.high / z.low);
    cells.push_back(
        {{series.x_low[i], series.y_low[i], series.x_high[i], series.y_high[i]}, color});
  }
  return cells;
}

}  // namespace

// Widths of the letters of Helvetica, in units of their height.
double measure_number(const std::string& text, double height) {
  constexpr double digit = 0.556, sign = 0.584, point = 0.278, raised = 0.6;
  double width = 0, scale = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') scale = raised;
    if (text[i] == '}') scale = 1;
    if (text[i] == '{' || text[i] == '}' || text[i] == '^') continue;
    if (text[i] == '#') {  // "#minus", "#upoint"
      const bool is_minus = text.compare(i, 6, "#minus") == 0;
      width += scale * (is_minus ? sign : point);
      i += is_minus ? 5 : 6;
    } else {
      width += scale * (text[i] == '-' ? sign : text[i] == '.' ? point : digit);
    }
  }
  return width * height;
}

Layout lay_out(const Figure& figure, const Style& style) {
  Layout layout;
  layout.x = find_range(figure.x, figure, {&Series::x, &Series::x_low, &Series::x_high});
  layout.y = find_range(figure.y, figure, {&Series::y, &Series::y_low, &Series::y_high});
  if (!figure.rows.empty()) layout.y = {-0.5, static_cast<double>(figure.rows.size()) - 0.5};
  layout.canvas = choose_canvas(figure, layout.x, layout.y);
  layout.frames = lay_out_frames(figure, layout.canvas);
  // More room beside the frame does not change its size, from which the labels follow.
  lay_out_labels(layout, figure);
  make_room_for_numbers(layout, figure);
  make_room_for_colors(layout, figure);
  layout.frames = lay_out_frames(figure, layout.canvas);
  lay_out_color_scale(layout);
  const double arrow = arrow_length / frame_height_of(layout);
  for (const Series& series : figure.series) {
    layout.series.push_back(lay_out_series(figure, series, layout.x, layout.y, arrow));
    layout.series.back().cells = lay_out_cells(series, layout.z);
  }
  layout.legend = lay_out_legend(figure, layout.series, layout.canvas);
  layout.lines = lay_out_text(figure, style, layout.legend, layout.canvas);
  return layout;
}

}  // namespace stationhit::plots
