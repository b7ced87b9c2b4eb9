// The layout of the figure (layout.hpp) is turned into ROOT's objects on one canvas, from back to
// front: frame, series, the ticks of the frame once more, legend, text. The canvas is then printed
// once per format. ROOT keeps its state globally, so drawing happens in batch mode. A failure is
// recognized by what ROOT prints and, because it does not check all of its writes, by the last
// bytes of the file.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <TArrow.h>
#include <TBox.h>
#include <TCanvas.h>
#include <TColor.h>
#include <TError.h>
#include <TGraph.h>
#include <TGraphAsymmErrors.h>
#include <TH1F.h>
#include <TLegend.h>
#include <TLegendEntry.h>
#include <TLine.h>
#include <TPad.h>
#include <TROOT.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/plots/figure.hpp>

#include "draw_texts.hpp"
#include "layout.hpp"
#include "pdf_fonts.hpp"

namespace stationhit::plots {
namespace {

// Colors that remain distinguishable with color vision deficiency (M. Okabe, K. Ito), with a gray
// in place of their yellow, which is hard to see on white; markers and line styles differ as well.
constexpr std::array colors{"#0072B2", "#D55E00", "#009E73", "#E69F00",
                            "#CC79A7", "#56B4E9", "#000000", "#7F7F7F"};
constexpr std::array<short, 8> markers{20, 21, 22, 23, 33, 34, 24, 25};
constexpr std::array<short, 3> fill_styles{1001, 3354, 3345};
constexpr short dot_marker = 20;

// Switches ROOT to batch mode while a figure is drawn, and keeps its first error instead of
// printing messages.
class QuietBatch {
 public:
  QuietBatch() : handler_(SetErrorHandler(&keep_first_error)), batch_(gROOT->IsBatch()) {
    first_error.clear();
    gROOT->SetBatch(true);
  }
  ~QuietBatch() {
    SetErrorHandler(handler_);
    gROOT->SetBatch(batch_);
  }
  QuietBatch(const QuietBatch&) = delete;
  QuietBatch& operator=(const QuietBatch&) = delete;

  [[nodiscard]] static const std::string& error() { return first_error; }

 private:
  static void keep_first_error(int level, Bool_t, const char*, const char* message) {
    if (level >= kError && first_error.empty()) first_error = message;
  }

  // Figures are drawn one at a time, because so is the global state of ROOT.
  static inline std::string first_error;
  ErrorHandlerFunc_t handler_;
  bool batch_;
};

// The objects of a drawing: a canvas refers to what is drawn on it until it is printed.
struct DrawnFigure {
  DrawnFigure(const Figure& figure, const Layout& layout)
      : canvas(("canvas_" + figure.stem).c_str(), "", layout.canvas.width, layout.canvas.height),
        legend(layout.legend.left, layout.legend.bottom, layout.legend.right, layout.legend.top) {
    // A window without decorations has the size of its canvas.
    canvas.SetCanvasSize(static_cast<unsigned>(layout.canvas.width),
                         static_cast<unsigned>(layout.canvas.height));
  }

  TCanvas canvas;
  TLegend legend;
  std::vector<std::unique_ptr<TPad>> pads;  // one per frame, each as large as the canvas
  std::vector<std::unique_ptr<TH1F>> frames;
  std::vector<std::unique_ptr<TGraph>> graphs;
};

// A transparent pad whose axes stand at this frame.
std::unique_ptr<TPad> draw_pad(const Figure& figure, const Frame& frame, std::size_t index) {
  const std::string name = "pad_" + figure.stem + "_" + std::to_string(index);
  auto pad = std::make_unique<TPad>(name.c_str(), "", 0, 0, 1, 1);
  pad->SetFillStyle(0);
  pad->SetFrameFillStyle(0);
  pad->SetMargin(static_cast<float>(frame.left), static_cast<float>(1 - frame.right),
                 static_cast<float>(frame.bottom), static_cast<float>(1 - frame.top));
  pad->SetTicks(1, 1);
  pad->SetLogx(figure.x.log);
  pad->SetLogy(figure.y.log);
  pad->Draw();
  pad->cd();
  return pad;
}

// ROOT puts the numbers below an axis at this share of the height of the canvas and three quarters
// of the height of their letters, which it takes for a share of the same side: on a high canvas
// they would stand too low.
float offset_below(const Canvas& canvas) {
  const double too_low = canvas.text_size(label_height) - canvas.share_of_height(label_height);
  return static_cast<float>(canvas.share_of_height(number_gap) - 0.75 * too_low);
}

// Titles, and the labels of logarithmic axes, are drawn as texts (draw_axis_texts).
void set_axis(TAxis& axis, const Axis& settings, const AxisRange& range, const Canvas& canvas) {
  axis.SetLabelFont(font);
  axis.SetLabelSize(settings.log ? 0.0F : canvas.text_size(label_height));
  axis.SetLabelOffset(static_cast<float>(canvas.share_of_width(number_gap)));
  axis.SetNdivisions(507);
  // As many ticks as there are whole numbers at most, and none between them.
  if (settings.whole_numbers)
    axis.SetNdivisions(static_cast<int>(std::clamp(std::floor(range.high - range.low), 1.0, 7.0)));
  axis.SetMaxDigits(4);
}

std::unique_ptr<TH1F> draw_frame(const Figure& figure, const Layout& layout, std::size_t index) {
  const int n_bins = figure.categories.empty() ? 100 : static_cast<int>(figure.categories.size());
  const std::string name = "frame_" + figure.stem + "_" + std::to_string(index);
  auto frame = std::make_unique<TH1F>(name.c_str(), "", n_bins, layout.x.low, layout.x.high);
  // Otherwise the histogram would belong to whatever file is open and be deleted with it.
  frame->SetDirectory(nullptr);
  frame->SetStats(false);
  frame->SetMinimum(layout.y.low);
  frame->SetMaximum(layout.y.high);
  for (std::size_t i = 0; i < figure.categories.size(); ++i)
    frame->GetXaxis()->SetBinLabel(static_cast<int>(i) + 1, figure.categories[i].c_str());
  set_axis(*frame->GetXaxis(), figure.x, layout.x, layout.canvas);
  frame->GetXaxis()->SetLabelOffset(offset_below(layout.canvas));
  set_axis(*frame->GetYaxis(), figure.y, layout.y, layout.canvas);
  if (!figure.rows.empty()) {  // named by draw_texts
    frame->GetYaxis()->SetLabelSize(0);
    frame->GetYaxis()->SetNdivisions(0);
  }
  frame->GetXaxis()->SetMaxDigits(5);  // the power of ten behind the axis would leave the canvas
  if (!figure.categories.empty())
    frame->GetXaxis()->SetLabelSize(layout.canvas.text_size(1.3 * label_height));
  if (index + 1 < layout.frames.size()) frame->GetXaxis()->SetLabelSize(0);
  frame->Draw("axis");
  return frame;
}

short color_of(const Series& series, std::size_t index) {
  const char* color = series.color.empty() ? colors[index % colors.size()] : series.color.c_str();
  return static_cast<short>(TColor::GetColor(color));
}

std::unique_ptr<TGraph> make_graph(const std::vector<Point>& points) {
  auto graph = std::make_unique<TGraph>();
  for (const Point& point : points) graph->AddPoint(point.x, point.y);
  return graph;
}

std::unique_ptr<TGraph> make_graph_with_errors(const std::vector<Point>& points) {
  auto graph = std::make_unique<TGraphAsymmErrors>();
  for (const Point& point : points) {
    const int index = graph->GetN();
    graph->AddPoint(point.x, point.y);
    graph->SetPointError(index, point.left, point.right, point.down, point.up);
  }
  return graph;
}

const char* draw_option(Draw draw) {
  switch (draw) {
    case Draw::points:
      return "p z same";
    case Draw::line_with_points:
      return "l p z same";
    case Draw::filled_histogram:
      return "f l same";
    default:
      return "l same";
  }
}

const char* legend_option(const Series& series) {
  switch (series.draw) {
    case Draw::points:
      return series.y_low.empty() ? "p" : "pe";
    case Draw::line_with_points:
      return "lp";
    case Draw::filled_histogram:
      return "fl";
    default:
      return "l";
  }
}

std::unique_ptr<TGraph> draw_curve(const Series& series, const SeriesLayout& layout,
                                   std::size_t index) {
  const bool has_markers = series.draw == Draw::points || series.draw == Draw::line_with_points;
  const short color = color_of(series, index);
  auto graph = has_markers ? make_graph_with_errors(layout.points) : make_graph(layout.points);
  graph->SetLineColor(color);
  graph->SetLineWidth(series.draw == Draw::points ? 2 : series.line_width);
  graph->SetMarkerColor(color);
  graph->SetMarkerStyle(markers[index % markers.size()]);
  graph->SetMarkerSize(1.2F);
  if (series.draw == Draw::dashed_line) graph->SetLineStyle(7);
  if (series.draw == Draw::filled_histogram) {
    graph->SetFillColorAlpha(color, 0.35F);
    graph->SetFillStyle(fill_styles[index % fill_styles.size()]);
  }
  if (graph->GetN() > 0) graph->Draw(draw_option(series.draw));
  return graph;
}

std::unique_ptr<TGraph> draw_segments(const Series& series, const SeriesLayout& layout,
                                      std::size_t index) {
  const short color = color_of(series, index);
  TLine line;
  line.SetLineColor(color);
  line.SetLineWidth(layout.thin ? 1 : 3);
  for (const Segment& segment : layout.segments)
    line.DrawLine(segment.x_low, segment.y_low, segment.x_high, segment.y_high);
  auto dots = make_graph(layout.points);
  dots->SetMarkerColor(color);
  dots->SetMarkerStyle(dot_marker);
  dots->SetMarkerSize(layout.thin ? 0.25F : 0.6F);
  dots->SetLineColor(color);
  dots->SetLineWidth(3);
  if (dots->GetN() > 0) dots->Draw("p same");
  return dots;
}

// The color at this place of the scale, 0 to 1: from dark to bright, also without colors.
short color_at(double place) {
  const int n = TColor::GetNumberOfColors();
  return static_cast<short>(
      TColor::GetColorPalette(std::clamp(static_cast<int>(place * n), 0, n - 1)));
}

void draw_box(const Segment& corners, short color) {
  TBox box;
  box.SetFillColor(color);
  box.SetLineWidth(0);
  box.DrawBox(corners.x_low, corners.y_low, corners.x_high, corners.y_high);
}

void draw_cells(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) draw_box(cell.corners, color_at(cell.color));
}

// Beside the frame, in shares of the canvas.
void draw_color_scale(const Layout& layout) {
  if (layout.z_labels.empty()) return;
  constexpr int steps = 200;
  const Frame& scale = layout.color_scale;
  const double step = (scale.top - scale.bottom) / steps;
  for (int i = 0; i < steps; ++i) {
    const double bottom = scale.bottom + i * step;
    draw_box({scale.left, bottom, scale.right, bottom + step}, color_at((i + 0.5) / steps));
  }
}

// A bar at the limit and an arrow that points down from it.
void draw_limits(const Series& series, const SeriesLayout& layout, std::size_t index) {
  constexpr float head = 0.012F;  // share of the canvas
  const short color = color_of(series, index);
  TLine bar;
  TArrow arrow;
  for (TAttLine* line : {static_cast<TAttLine*>(&bar), static_cast<TAttLine*>(&arrow)}) {
    line->SetLineColor(color);
    line->SetLineWidth(2);
  }
  arrow.SetFillColor(color);
  for (const Point& limit : layout.limits) {
    bar.DrawLine(limit.x - limit.left, limit.y, limit.x + limit.right, limit.y);
    arrow.DrawArrow(limit.x, limit.y, limit.x, limit.y - limit.down, head, "|>");
  }
}

void draw_series(const Figure& figure, const Layout& layout, std::size_t panel,
                 DrawnFigure& drawn) {
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const Series& series = figure.series[i];
    if (series.panel != panel) continue;
    draw_cells(layout.series[i].cells);
    if (series.draw == Draw::map) continue;
    auto graph = series.draw == Draw::segments ? draw_segments(series, layout.series[i], i)
                                               : draw_curve(series, layout.series[i], i);
    draw_limits(series, layout.series[i], i);
    if (layout.series[i].in_legend)
      drawn.legend.AddEntry(graph.get(), series.label.c_str(), legend_option(series));
    drawn.graphs.push_back(std::move(graph));
  }
}

void draw_legend(const Layout& layout, TLegend& legend) {
  const LegendLayout& place = layout.legend;
  if (place.empty) return;
  std::vector<std::string> labels;
  for (const TObject* entry : *legend.GetListOfPrimitives())
    labels.emplace_back(static_cast<const TLegendEntry*>(entry)->GetLabel());
  const double width = (place.right - place.left) / place.columns * (1 - place.column_margin);
  legend.SetBorderSize(0);
  legend.SetFillStyle(0);
  legend.SetTextFont(font);
  legend.SetNColumns(place.columns);
  legend.SetTextSize(layout.canvas.text_size(
      fit_height(labels, place.text_height, width * layout.canvas.width, layout.canvas)));
  legend.SetMargin(place.column_margin);
  legend.Draw();
}

void draw_figure(const Figure& figure, const Layout& layout, DrawnFigure& drawn) {
  for (std::size_t panel = 0; panel < layout.frames.size(); ++panel) {
    drawn.canvas.cd();
    drawn.pads.push_back(draw_pad(figure, layout.frames[panel], panel));
    drawn.frames.push_back(draw_frame(figure, layout, panel));
    draw_series(figure, layout, panel, drawn);
    // Filled histograms cover the ticks, which are drawn once more.
    drawn.frames.back()->Draw("axis same");
  }
  drawn.canvas.cd();
  draw_color_scale(layout);
  draw_legend(layout, drawn.legend);
  draw_texts(figure, layout);
}

// The last bytes of a complete file of this format.
std::string_view end_of_format(std::string_view format) {
  return format == "pdf" ? std::string_view("%%EOF\n") : std::string_view("IEND\xae\x42\x60\x82");
}

bool ends_with(const std::filesystem::path& path, std::string_view end) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  std::string found(end.size(), '\0');
  return file.read(found.data(), static_cast<std::streamsize>(found.size())) && found == end;
}

// "Toy simulation: rejection vs purity", of a figure rejection_vs_purity.
std::string title_of(const Figure& figure, const Style& style) {
  std::string words = figure.stem;
  std::ranges::replace(words, '_', ' ');
  return style.label.empty() ? words : style.label + ": " + words;
}

void print_canvas(TCanvas& canvas, const std::filesystem::path& path, const std::string& format,
                  const std::string& title) {
  // ROOT derives the format from the extension, and writes the name into a PDF file.
  core::OutputFile output(path, core::PartialName::fixed, "." + format);
  canvas.Print(output.partial_path().c_str(), format.c_str());
  const auto is_whole = [&] { return ends_with(output.partial_path(), end_of_format(format)); };
  if (format == "pdf" && is_whole()) complete_pdf(output.partial_path(), title);
  if (!QuietBatch::error().empty() || !is_whole()) {
    const std::string& reason = QuietBatch::error();
    throw core::DataError(path.string() +
                          ": ROOT could not write this figure; check that the folder is writable "
                          "and has space" +
                          (reason.empty() ? "" : " (ROOT: " + reason + ")"));
  }
  output.publish();
}

}  // namespace

void write_figure(const Figure& figure, const Style& style, const std::filesystem::path& folder) {
  core::write_text_file(folder / (figure.stem + ".csv"), figure_csv(figure));
  const Layout layout = lay_out(figure, style);
  // Everything below draws into the current pad of ROOT, which is global, so figures are written
  // one after another.
  const QuietBatch quiet;
  TColor::SetPalette(kViridis, nullptr);
  DrawnFigure drawn(figure, layout);
  draw_figure(figure, layout, drawn);
  const std::string title = title_of(figure, style);
  for (const char* format : {"png", "pdf"})
    print_canvas(drawn.canvas, folder / (figure.stem + "." + format), format, title);
}

}  // namespace stationhit::plots
