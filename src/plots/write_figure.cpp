// A figure is drawn on a canvas with an empty histogram as frame, then printed once per format.
// Label and legend are above the frame, so they never cover data. ROOT keeps its state globally and
// reports failures by messages, so drawing happens in batch mode with messages off, and a failure
// is recognized by the missing file.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <system_error>

#include <TCanvas.h>
#include <TColor.h>
#include <TError.h>
#include <TGraph.h>
#include <TGraphAsymmErrors.h>
#include <TH1F.h>
#include <TLatex.h>
#include <TLegend.h>
#include <TLine.h>
#include <TROOT.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {
namespace {

// Colors that remain distinguishable with color vision deficiency (M. Okabe, K. Ito); markers and
// line styles differ as well.
constexpr std::array colours{"#0072B2", "#D55E00", "#009E73", "#E69F00",
                             "#CC79A7", "#56B4E9", "#000000"};
constexpr std::array<short, 7> markers{20, 21, 22, 23, 33, 34, 24};
constexpr std::array<short, 3> fill_styles{1001, 3354, 3345};

constexpr float left_margin = 0.15F, right_margin = 0.05F, bottom_margin = 0.14F,
                top_margin = 0.185F;
constexpr float text_size = 0.037F, legend_row = 0.053F;
constexpr std::size_t many_segments = 500;  // more are drawn thin
constexpr double dot_share = 0.003;         // of the axis: shorter segments are dots
constexpr short dot_marker = 20;
constexpr int font = 42, bold_font = 62;

// Switches ROOT to batch mode without messages while a figure is drawn.
class QuietBatch {
 public:
  QuietBatch() : ignore_level_(gErrorIgnoreLevel), batch_(gROOT->IsBatch()) {
    gErrorIgnoreLevel = kFatal;  // what ROOT fails to write is noticed below and thrown
    gROOT->SetBatch(true);
  }
  ~QuietBatch() {
    gErrorIgnoreLevel = ignore_level_;
    gROOT->SetBatch(batch_);
  }
  QuietBatch(const QuietBatch&) = delete;
  QuietBatch& operator=(const QuietBatch&) = delete;

 private:
  int ignore_level_;
  bool batch_;
};

using Range = std::pair<double, double>;

std::vector<double> together(const Figure& figure,
                             std::initializer_list<std::vector<double> Series::*> columns) {
  std::vector<double> values;
  for (const Series& series : figure.series) {
    for (const auto column : columns)
      values.insert(values.end(), (series.*column).begin(), (series.*column).end());
  }
  return values;
}

class Drawing {
 public:
  Drawing(const Figure& figure, const Style& style)
      : figure_(figure),
        x_range_(
            axis_range(figure.x, together(figure, {&Series::x, &Series::x_low, &Series::x_high}))),
        y_range_(
            axis_range(figure.y, together(figure, {&Series::y, &Series::y_low, &Series::y_high}))),
        canvas_(("canvas_" + figure.stem).c_str(), "", 900, 720),
        // Label and legend are above the frame, so neither can cover data.
        legend_(0.52, 1.0 - top_margin + 0.012, 1.0 - right_margin, 0.985) {
    canvas_.SetMargin(left_margin, right_margin, bottom_margin, top_margin);
    canvas_.SetTicks(1, 1);
    canvas_.SetLogx(figure.x.log);
    canvas_.SetLogy(figure.y.log);
    draw_frame();
    for (std::size_t i = 0; i < figure.series.size(); ++i) draw(figure.series[i], i);
    frame_->Draw("axis same");
    draw_legend();
    draw_label(style);
  }

  // ROOT derives the format from the extension, so it writes to <stem>.aside.<format> first.
  void print(const std::filesystem::path& path, const std::string& format) {
    std::filesystem::path aside = path;
    aside.replace_extension("aside." + format);
    std::error_code error;
    std::filesystem::remove(aside, error);
    canvas_.Print(aside.c_str(), format.c_str());
    std::filesystem::rename(aside, core::partial_path(path), error);
    if (error) {
      throw core::DataError(path.string() +
                            ": ROOT could not write this figure; check that the folder exists, is "
                            "writable and has space");
    }
    core::publish(path);
  }

 private:
  void draw_frame() {
    const int n_bins =
        figure_.categories.empty() ? 100 : static_cast<int>(figure_.categories.size());
    frame_ = std::make_unique<TH1F>(("frame_" + figure_.stem).c_str(), "", n_bins, x_range_.first,
                                    x_range_.second);
    frame_->SetDirectory(nullptr);
    frame_->SetStats(false);
    frame_->SetMinimum(y_range_.first);
    frame_->SetMaximum(y_range_.second);
    for (std::size_t i = 0; i < figure_.categories.size(); ++i) {
      frame_->GetXaxis()->SetBinLabel(static_cast<int>(i) + 1, figure_.categories[i].c_str());
    }
    set_axis(*frame_->GetXaxis(), figure_.x, 1.15);
    set_axis(*frame_->GetYaxis(), figure_.y, 1.4);
    frame_->GetXaxis()->SetMaxDigits(5);  // the power of ten behind the axis would leave the canvas
    if (!figure_.categories.empty()) frame_->GetXaxis()->SetLabelSize(0.055F);
    frame_->Draw("axis");
  }

  static void set_axis(TAxis& axis, const Axis& settings, double title_offset) {
    axis.SetTitle(settings.title.c_str());
    axis.SetTitleFont(font);
    axis.SetLabelFont(font);
    axis.SetTitleSize(0.05F);
    axis.SetLabelSize(0.042F);
    axis.SetTitleOffset(static_cast<float>(title_offset));
    axis.SetLabelOffset(0.011F);
    axis.SetNdivisions(507);
    axis.SetMaxDigits(4);
  }

  [[nodiscard]] bool visible(double x, double y) const {
    return std::isfinite(x) && std::isfinite(y) && (!figure_.x.log || x > 0) &&
           (!figure_.y.log || y > 0);
  }

  void draw(const Series& series, std::size_t index) {
    const int colour = TColor::GetColor(series.colour.empty() ? colours[index % colours.size()]
                                                              : series.colour.c_str());
    if (series.draw == Draw::segments) return draw_segments(series, colour);
    const bool steps = series.draw == Draw::histogram || series.draw == Draw::filled_histogram;
    const bool points = series.draw == Draw::points || series.draw == Draw::line_with_points;
    std::unique_ptr<TGraph> graph = steps    ? steps_of(series)
                                    : points ? points_of(series)
                                             : line_of(series);
    graph->SetLineColor(static_cast<short>(colour));
    graph->SetLineWidth(series.line_width);
    graph->SetMarkerColor(static_cast<short>(colour));
    graph->SetMarkerStyle(markers[index % markers.size()]);
    graph->SetMarkerSize(1.2F);
    if (series.draw == Draw::points) graph->SetLineWidth(2);
    if (series.draw == Draw::dashed_line) graph->SetLineStyle(7);
    const char* option = series.draw == Draw::points             ? "p z same"
                         : series.draw == Draw::line_with_points ? "l p z same"
                                                                 : "l same";
    if (series.draw == Draw::filled_histogram) {
      graph->SetFillColorAlpha(static_cast<short>(colour), 0.35F);
      graph->SetFillStyle(fill_styles[index % fill_styles.size()]);
      option = "f l same";
    }
    if (graph->GetN() == 0) return;
    graph->Draw(option);
    if (!series.label.empty())
      legend_.AddEntry(graph.get(), series.label.c_str(), legend_option(series));
    graphs_.push_back(std::move(graph));
  }

  // Segments that leave the frame are not drawn, because a pad does not clip lines. A segment seen
  // end-on is drawn as a dot.
  void draw_segments(const Series& series, int colour) {
    const auto in_frame = [&](double x, double y) {
      return visible(x, y) && x >= x_range_.first && x <= x_range_.second && y >= y_range_.first &&
             y <= y_range_.second;
    };
    const bool many = series.y.size() > many_segments;
    const double dot_x = dot_share * (x_range_.second - x_range_.first),
                 dot_y = dot_share * (y_range_.second - y_range_.first);
    auto dots = std::make_unique<TGraph>();
    TLine line;
    line.SetLineColor(static_cast<short>(colour));
    line.SetLineWidth(many ? 1 : 3);
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const double x_low = series.x_low[i], x_high = series.x_high[i], y_low = series.y_low[i],
                   y_high = series.y_high[i];
      if (!in_frame(x_low, y_low) || !in_frame(x_high, y_high)) continue;
      if (std::abs(x_high - x_low) < dot_x && std::abs(y_high - y_low) < dot_y)
        dots->AddPoint((x_low + x_high) / 2, (y_low + y_high) / 2);
      else
        line.DrawLine(x_low, y_low, x_high, y_high);
    }
    dots->SetMarkerColor(static_cast<short>(colour));
    dots->SetMarkerStyle(dot_marker);
    dots->SetMarkerSize(many ? 0.25F : 0.6F);
    dots->SetLineColor(static_cast<short>(colour));
    dots->SetLineWidth(3);
    if (dots->GetN() > 0) dots->Draw("p same");
    if (!series.label.empty()) legend_.AddEntry(dots.get(), series.label.c_str(), "l");
    graphs_.push_back(std::move(dots));
  }

  static const char* legend_option(const Series& series) {
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

  [[nodiscard]] std::unique_ptr<TGraph> line_of(const Series& series) const {
    auto graph = std::make_unique<TGraph>();
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      if (visible(series.x[i], series.y[i])) graph->AddPoint(series.x[i], series.y[i]);
    }
    return graph;
  }

  [[nodiscard]] std::unique_ptr<TGraph> points_of(const Series& series) const {
    auto graph = std::make_unique<TGraphAsymmErrors>();
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const double x = series.x[i], y = series.y[i];
      if (!visible(x, y)) continue;
      const int point = graph->GetN();
      graph->AddPoint(x, y);
      const auto length = [i](const std::vector<double>& ends, double centre) {
        return ends.empty() || !std::isfinite(ends[i]) ? 0.0 : std::fabs(ends[i] - centre);
      };
      graph->SetPointError(point, length(series.x_low, x), length(series.x_high, x),
                           length(series.y_low, y), length(series.y_high, y));
    }
    return graph;
  }

  // The outline of the steps starts and ends at the bottom of the frame; on a logarithmic axis an
  // empty bin is at the bottom.
  [[nodiscard]] std::unique_ptr<TGraph> steps_of(const Series& series) const {
    auto graph = std::make_unique<TGraph>();
    double end = std::nan("");
    for (std::size_t i = 0; i < series.y.size(); ++i) {
      const double y =
          std::isfinite(series.y[i]) ? std::max(series.y[i], y_range_.first) : y_range_.first;
      if (series.x_low[i] != end) {  // a gap: down and up again
        if (std::isfinite(end)) graph->AddPoint(end, y_range_.first);
        graph->AddPoint(series.x_low[i], y_range_.first);
      }
      graph->AddPoint(series.x_low[i], y);
      graph->AddPoint(series.x_high[i], y);
      end = series.x_high[i];
    }
    if (std::isfinite(end)) graph->AddPoint(end, y_range_.first);
    return graph;
  }

  void draw_legend() {
    const int entries = legend_.GetListOfPrimitives()->GetSize();
    legend_.SetBorderSize(0);
    legend_.SetFillStyle(0);
    legend_.SetTextFont(font);
    // If there are more entries than rows above the frame, the legend has two columns, or one
    // column in smaller print if the entries are long.
    constexpr int rows_above_frame = 3;
    constexpr std::size_t longest_in_column = 16;
    const bool many = entries > rows_above_frame;
    const bool wide = std::ranges::any_of(figure_.series, [](const Series& series) {
      return series.label.size() > longest_in_column;
    });
    const int columns = many && !wide ? 2 : 1;
    const float rows = std::ceil(static_cast<float>(entries) / static_cast<float>(columns));
    const float scale = many && wide ? static_cast<float>(rows_above_frame) / rows : 1.0F;
    legend_.SetNColumns(columns);
    legend_.SetTextSize(scale * text_size);
    legend_.SetY1(legend_.GetY2() - rows * scale * legend_row);
    legend_.SetMargin(columns == 2 ? 0.3F : 0.15F);
    if (entries > 0) legend_.Draw();
  }

  void draw_label(const Style& style) const {
    TLatex text;
    text.SetNDC();
    text.SetTextSize(text_size);
    text.SetTextFont(bold_font);
    double y = 0.945;
    const auto line = [&](const std::string& words) {
      if (words.empty()) return;
      text.DrawLatex(left_margin, y, words.c_str());
      y -= 0.047;
    };
    line(style.label);
    text.SetTextFont(font);
    line(style.conditions);
    for (const std::string& note : figure_.notes) line(note);
  }

  const Figure& figure_;
  Range x_range_, y_range_;
  TCanvas canvas_;
  TLegend legend_;
  std::unique_ptr<TH1F> frame_;
  std::vector<std::unique_ptr<TGraph>> graphs_;
};

}  // namespace

void write_figure(const Figure& figure, const Style& style, const std::filesystem::path& folder) {
  core::write_text_file(folder / (figure.stem + ".csv"), figure_csv(figure));
  const QuietBatch quiet;
  Drawing drawing(figure, style);
  drawing.print(folder / (figure.stem + ".png"), "png");
  drawing.print(folder / (figure.stem + ".pdf"), "pdf");
}

}  // namespace stationhit::plots
