// Reads metrics.csv of a run and draws the columns that it finds, so runs of older versions still
// give figures. Which columns are drawn, and how, is said by the list of curves that comes from the
// list of epoch metrics. Without the file there are no figures of the training.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/numbers.hpp>

#include "figure_sets.hpp"

namespace stationhit::evaluation {
namespace {

using Table = std::map<std::string, std::vector<double>>;

std::vector<std::string> split_cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

// An empty cell is NaN: the table has columns that not every epoch fills.
double parse_number(const std::string& cell, const std::string& where) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (const auto value = core::parse_number<double>(cell)) return *value;
  throw core::DataError(where + ": \"" + cell +
                        "\" is not a number; remove the line or the file, training writes it anew");
}

Table read_table(const std::filesystem::path& csv) {
  std::istringstream text(core::read_text_file(csv));
  std::string line;
  std::getline(text, line);
  const std::vector<std::string> names = split_cells(line);
  Table table;
  for (int row = 2; std::getline(text, line); ++row) {
    std::vector<std::string> cells = split_cells(line);
    // A row that ends early has empty cells at its end.
    cells.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
      table[names[i]].push_back(
          parse_number(cells[i], csv.string() + ":" + std::to_string(row) + ", " + names[i]));
  }
  return table;
}

// What the axis of a curve shows.
std::vector<double> shown_values(const std::vector<double>& values, TrainingCurve::Scale scale) {
  std::vector<double> shown = values;
  if (scale == TrainingCurve::Scale::distance_to_one)
    for (double& value : shown) value = 1.0 - value;
  return shown;
}

plots::Figure make_empty_figure(const TrainingCurve& curve, const std::vector<double>& epochs) {
  plots::Figure figure;
  figure.stem = curve.figure;
  const auto [first, last] = std::ranges::minmax_element(epochs);
  figure.x = {"Epoch", std::pair{*first - 0.5, *last + 0.5}};
  figure.x.whole_numbers = true;
  figure.y = {curve.axis_title, std::nullopt, curve.scale != TrainingCurve::Scale::linear};
  return figure;
}

// "Loss by epoch, training and validation".
std::string caption_of(const plots::Figure& figure) {
  std::string labels;
  for (const plots::Series& series : figure.series)
    labels += (labels.empty() ? "" : " and ") + series.label;
  return figure.y.title + " by epoch" + (labels.empty() ? "" : ": " + labels) + ".";
}

// The last curve is that of the validation, which chose the epoch.
void mark_epoch(plots::Figure& figure, std::int32_t epoch) {
  const plots::Series& curve = figure.series.back();
  const auto found = std::ranges::find(curve.x, static_cast<double>(epoch));
  if (curve.label.empty() || found == curve.x.end()) return;
  const double value = curve.y[static_cast<std::size_t>(found - curve.x.begin())];
  figure.series.push_back({.label = "Best epoch",
                           .draw = plots::Draw::points,
                           .x = {static_cast<double>(epoch)},
                           .y = {value}});
}

}  // namespace

std::vector<CaptionedFigure> training_figures(const std::filesystem::path& csv,
                                              std::span<const TrainingCurve> curves,
                                              std::optional<std::int32_t> marked_epoch) {
  std::vector<CaptionedFigure> figures;
  if (!std::filesystem::exists(csv)) return figures;
  const Table table = read_table(csv);
  if (table.count("epoch") == 0 || table.at("epoch").empty()) return figures;
  const std::vector<double>& epochs = table.at("epoch");
  for (const TrainingCurve& curve : curves) {
    const auto column = table.find(curve.column);
    if (column == table.end()) continue;
    auto place = std::ranges::find_if(
        figures, [&](const CaptionedFigure& one) { return one.figure.stem == curve.figure; });
    if (place == figures.end())
      place = figures.insert(place, {make_empty_figure(curve, epochs), ""});
    place->figure.series.push_back({.label = curve.label,
                                    .draw = plots::Draw::line_with_points,
                                    .x = epochs,
                                    .y = shown_values(column->second, curve.scale)});
  }
  for (CaptionedFigure& captioned : figures) {
    captioned.caption = caption_of(captioned.figure);
    if (marked_epoch) mark_epoch(captioned.figure, *marked_epoch);
  }
  return figures;
}

}  // namespace stationhit::evaluation
