// Texts stand at distances in pixels from the frame, whatever the size of the canvas. ROOT would
// put titles at places that follow from the shape of the canvas, and would label only the powers of
// ten of a logarithmic axis.
#include "draw_texts.hpp"

#include <algorithm>
#include <cmath>

#include <TLatex.h>

namespace stationhit::plots {
namespace {

// Pixels from the frame (titles: from the left end of the canvas).
constexpr double x_label_gap = 10, x_title_gap = 50, panel_name_gap = 7;
// ROOT's numbers for the corner of a text that stands at its place.
constexpr short bottom_left = 11, center_left = 12, top_center = 23, bottom_right = 31,
                center_right = 32, top_right = 33;

struct TextStyle {
  double height = 0;  // pixels
  short align = bottom_left;
  float angle = 0;
  short text_font = font;
};

void draw_text(double x, double y, const std::string& words, const TextStyle& style,
               const Canvas& canvas) {
  TLatex text;
  text.SetNDC();
  text.SetTextFont(style.text_font);
  text.SetTextSize(canvas.text_size(style.height));
  text.SetTextAlign(style.align);
  text.SetTextAngle(style.angle);
  text.DrawLatex(x, y, words.c_str());
}

// A text that is made smaller where it would be longer than `width` pixels.
void draw_fitted(double x, double y, const std::string& words, TextStyle style, double width,
                 const Canvas& canvas) {
  style.height = fit_height({words}, style.height, width, canvas);
  draw_text(x, y, words, style, canvas);
}

// Where a value lies between the ends of a logarithmic axis, 0 to 1.
double log_position(double value, const AxisRange& range) {
  return std::log(value / range.low) / std::log(range.high / range.low);
}

// Below the lowest frame, and from the top of the highest one downwards.
void draw_titles(const Figure& figure, const Layout& layout) {
  const Canvas& canvas = layout.canvas;
  const Frame &highest = layout.frames.front(), &lowest = layout.frames.back();
  draw_fitted(lowest.right, lowest.bottom - canvas.share_of_height(x_title_gap), figure.x.title,
              {title_height, top_right}, (lowest.right - lowest.left) * canvas.width, canvas);
  draw_fitted(canvas.share_of_width(title_edge), highest.top, figure.y.title,
              {title_height, top_right, 90}, (highest.top - lowest.bottom) * canvas.height, canvas);
}

void draw_log_labels(const Layout& layout) {
  const Canvas& canvas = layout.canvas;
  const Frame& lowest = layout.frames.back();
  for (const TickLabel& label : layout.x_labels) {
    draw_text(lowest.left + log_position(label.value, layout.x) * (lowest.right - lowest.left),
              lowest.bottom - canvas.share_of_height(x_label_gap), label.text,
              {label_height, top_center}, canvas);
  }
  for (const Frame& frame : layout.frames) {
    for (const TickLabel& label : layout.y_labels)
      draw_text(frame.left - canvas.share_of_width(number_gap),
                frame.bottom + log_position(label.value, layout.y) * (frame.top - frame.bottom),
                label.text, {label_height, center_right}, canvas);
  }
}

// Numbers and title beside the color scale of a map.
void draw_color_texts(const Figure& figure, const Layout& layout) {
  if (layout.z_labels.empty()) return;
  const Canvas& canvas = layout.canvas;
  const Frame& scale = layout.color_scale;
  for (const TickLabel& label : layout.z_labels)
    draw_text(scale.right + canvas.share_of_width(number_gap),
              scale.bottom + log_position(label.value, layout.z) * (scale.top - scale.bottom),
              label.text, {label_height, center_left}, canvas);
  draw_fitted(1 - canvas.share_of_width(title_edge), scale.top, figure.z_title,
              {title_height, bottom_right, 90}, (scale.top - scale.bottom) * canvas.height, canvas);
}

// Upright in the margin on the right.
void draw_panel_names(const Layout& layout) {
  const Canvas& canvas = layout.canvas;
  for (const Frame& frame : layout.frames)
    draw_fitted(frame.right + canvas.share_of_width(panel_name_gap),
                0.5 * (frame.bottom + frame.top), frame.name,
                {text_height, top_center, 90, bold_font},
                (frame.top - frame.bottom) * canvas.height, canvas);
}

void draw_row_names(const Figure& figure, const Layout& layout, const Frame& frame) {
  const Canvas& canvas = layout.canvas;
  const double height = (frame.top - frame.bottom) / static_cast<double>(figure.rows.size());
  const double width = canvas.left - 2 * number_gap;
  for (std::size_t i = 0; i < figure.rows.size(); ++i) {
    draw_fitted(frame.left - canvas.share_of_width(number_gap),
                frame.bottom + (static_cast<double>(i) + 0.5) * height, figure.rows[i],
                {text_height, center_right}, width, canvas);
  }
}

}  // namespace

double fit_height(const std::vector<std::string>& texts, double height, double width,
                  const Canvas& canvas) {
  double scale = 1;
  for (const std::string& words : texts) {
    TLatex text(0, 0, words.c_str());
    text.SetTextFont(font);
    text.SetTextSize(canvas.text_size(height));
    unsigned length = 0, unused = 0;
    text.GetBoundingBox(length, unused);
    if (length > 0) scale = std::min(scale, width / length);
  }
  return scale * height;
}

void draw_texts(const Figure& figure, const Layout& layout) {
  const Canvas& canvas = layout.canvas;
  const double left = canvas.share_of_width(canvas.left);
  for (const TextLine& line : layout.lines) {
    draw_fitted(left, line.y, line.text,
                {text_height, bottom_left, 0, line.bold ? bold_font : font},
                line.width * canvas.width, canvas);
  }
  draw_titles(figure, layout);
  draw_log_labels(layout);
  draw_color_texts(figure, layout);
  draw_panel_names(layout);
  draw_row_names(figure, layout, layout.frames.front());
}

}  // namespace stationhit::plots
