// A stage stands one level below the lowest of its inputs. A level of one stage is a wide box, a
// level of several is a row of narrow ones. Text is broken at commas where it would leave its box.
// Arrows from the level above are straight or have two elbows; those that pass a level run down the
// right side, each in a lane of its own, and reach a narrow box from above.
#include <algorithm>
#include <map>
#include <vector>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/drawing.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::architecture {
namespace {

constexpr int wide_box = 560, narrow_box = 210, box_height = 52, line_height = 20, gap = 26,
              margin = 20, lane_width = 12;
constexpr std::size_t wide_line = 78, narrow_line = 28;  // characters
constexpr const char* logit_box = "logit";

struct Box {
  std::string title, text, size, color;
  std::vector<std::string> inputs;
  std::size_t level = 0;
  bool is_narrow = false;
  int x = 0, y = 0, height = box_height;

  [[nodiscard]] int width() const { return is_narrow ? narrow_box : wide_box; }
  [[nodiscard]] int center() const { return x + width() / 2; }
};

// Stages that look at other hits stand out.
const char* color_of(StageKind kind) {
  if (kind == StageKind::edge_convolution) return "#cfe3f3";
  const bool attends = kind == StageKind::graph_attention || kind == StageKind::self_attention;
  return attends ? "#f6d5c3" : "#eeeeee";
}

std::string parameters_text(const Cost& cost) {
  return std::to_string(cost.parameters) + " parameters";
}

// One box per stage, the features first and the logit last. Inputs come before what reads them.
std::vector<Box> boxes_of(const NetworkDescription& network, const DrawingLabels& labels) {
  std::vector<Box> boxes{{features_stage, labels.features, "", "#ffffff", {}}};
  for (const Stage& stage : network.stages) {
    boxes.push_back({stage.name, stage.text, parameters_text(compute_cost(stage)),
                     color_of(stage.kind), stage.inputs});
  }
  boxes.push_back({logit_box,
                   labels.logit,
                   parameters_text(compute_cost(network)),
                   "#ffffff",
                   {network.stages.back().name}});
  return boxes;
}

// Broken at commas into lines of up to so many characters, or of one part that is longer.
std::vector<std::string> lines_of(const std::string& text, std::size_t longest) {
  std::vector<std::string> lines{""};
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t comma = text.find(", ", begin);
    const std::size_t end = comma == std::string::npos ? text.size() : comma + 1;
    const std::string part = text.substr(begin, end - begin);
    if (lines.back().empty())
      lines.back() = part;
    else if (lines.back().size() + 1 + part.size() <= longest)
      lines.back() += " " + part;
    else
      lines.push_back(part);
    begin = end + 1;
  }
  return lines;
}

std::vector<std::string> lines_of(const Box& box) {
  return lines_of(box.text, box.is_narrow ? narrow_line : wide_line);
}

bool passes_a_level(const Box& from, const Box& to) { return to.level > from.level + 1; }

void set_levels(std::vector<Box>& boxes) {
  std::map<std::string, std::size_t> levels;
  for (Box& box : boxes) {
    for (const std::string& input : box.inputs)
      box.level = std::max(box.level, levels.at(input) + 1);
    levels[box.title] = box.level;
  }
}

int row_width(int n_boxes) { return n_boxes == 1 ? wide_box : n_boxes * (narrow_box + gap) - gap; }

struct Size {
  int width = 0, height = 0;
};

// Gives every box its place; the result is the size of the picture.
Size place(std::vector<Box>& boxes) {
  set_levels(boxes);
  std::vector<std::vector<Box*>> rows(boxes.back().level + 1);
  for (Box& box : boxes) rows[box.level].push_back(&box);
  int widest = 0;
  for (const auto& row : rows) widest = std::max(widest, row_width(static_cast<int>(row.size())));
  int y = margin;
  for (const auto& row : rows) {
    int x = margin + (widest - row_width(static_cast<int>(row.size()))) / 2, height = 0;
    for (Box* box : row) {
      box->is_narrow = row.size() > 1;
      // A wide box has room for one line, a narrow one for the number of parameters only.
      const int more_lines = static_cast<int>(lines_of(*box).size()) - (box->is_narrow ? 0 : 1);
      box->height += line_height * more_lines;
      box->x = x;
      box->y = y;
      x += narrow_box + gap;
      height = std::max(height, box->height);
    }
    for (Box* box : row) box->height = height;
    y += height + gap;
  }
  return {widest + 2 * margin, y - gap + margin};
}

std::string text_at(int x, int y, const std::string& style, const std::string& text) {
  return "  <text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" " + style + ">" +
         core::escape_markup(text) + "</text>\n";
}

std::string drawn_texts(const Box& box) {
  const int left = box.x + 12, right = box.x + box.width() - 12;
  int y = box.y + 21;
  std::string svg = text_at(left, y, "font-weight=\"bold\"", box.title);
  for (const std::string& line : lines_of(box)) svg += text_at(left, y += line_height, "", line);
  return svg + (box.is_narrow
                    ? text_at(left, y + line_height, "fill=\"#555\"", box.size)
                    : text_at(right, box.y + 21, "text-anchor=\"end\" fill=\"#555\"", box.size));
}

std::string drawn_box(const Box& box) {
  return "  <rect x=\"" + std::to_string(box.x) + "\" y=\"" + std::to_string(box.y) +
         "\" width=\"" + std::to_string(box.width()) + "\" height=\"" + std::to_string(box.height) +
         "\" rx=\"6\" fill=\"" + box.color + "\" stroke=\"#444\"/>\n" + drawn_texts(box);
}

// Down the right side of the picture, at `side`; out of a narrow box from below, since others stand
// beside it.
std::string path_past_levels(const Box& from, const Box& to, int side) {
  const int bottom = from.y + from.height;
  const std::string start =
      (from.is_narrow ? "M" + std::to_string(from.center()) + " " + std::to_string(bottom) + " V" +
                            std::to_string(bottom + gap / 4)
                      : "M" + std::to_string(from.x + from.width()) + " " +
                            std::to_string(from.y + from.height / 2)) +
      " H" + std::to_string(side);
  if (to.is_narrow) {
    return start + " V" + std::to_string(to.y - gap / 2) + " H" + std::to_string(to.center()) +
           " V" + std::to_string(to.y - 2);
  }
  return start + " V" + std::to_string(to.y + to.height / 2) + " H" +
         std::to_string(to.x + to.width() + 2);
}

std::string path_from_above(const Box& from, const Box& to) {
  const int bottom = from.y + from.height;
  std::string path = "M" + std::to_string(from.center()) + " " + std::to_string(bottom);
  if (from.center() != to.center())
    path += " V" + std::to_string((bottom + to.y) / 2) + " H" + std::to_string(to.center());
  return path + " V" + std::to_string(to.y - 2);
}

std::string arrow(const std::string& path) {
  return "  <path d=\"" + path + "\"" +
         (path.find('H') != std::string::npos ? " fill=\"none\"" : "") +
         " stroke=\"#444\" marker-end=\"url(#head)\"/>\n";
}

std::string start_of_picture(const Size& size) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(size.width) +
         "\" height=\"" + std::to_string(size.height) +
         "\" font-family=\"sans-serif\" font-size=\"14\">\n"
         "  <defs><marker id=\"head\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" "
         "orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#444\"/></marker></defs>\n"
         "  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}

}  // namespace

std::string draw_network(const NetworkDescription& network, const DrawingLabels& labels) {
  std::vector<Box> boxes = boxes_of(network, labels);
  Size size = place(boxes);
  int side = size.width - margin + lane_width / 2;
  std::string svg;
  for (const Box& box : boxes) {
    for (const std::string& input : box.inputs) {
      const Box& from = *std::ranges::find(boxes, input, &Box::title);
      if (!passes_a_level(from, box)) {
        svg += arrow(path_from_above(from, box));
        continue;
      }
      svg += arrow(path_past_levels(from, box, side));
      side += lane_width;
    }
    svg += drawn_box(box);
  }
  size.width = std::max(size.width, side - lane_width + margin);
  return start_of_picture(size) + svg + "</svg>\n";
}

}  // namespace stationhit::architecture
