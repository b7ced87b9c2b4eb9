// Reads metrics.csv of a run and draws the columns that it finds, so runs of older versions still
// give figures. Without the file there are no figures of the training.
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

struct PlottedColumn {
  const char* column;
  const char* label;
};

void add_figure(std::vector<CaptionedFigure>& figures, const Table& table, const std::string& stem,
                const plots::Axis& y, const std::vector<PlottedColumn>& curves,
                const std::string& caption) {
  plots::Figure figure;
  figure.stem = stem;
  figure.x.title = "Epoch";
  figure.y = y;
  for (const PlottedColumn& curve : curves) {
    if (table.count(curve.column) == 0) continue;
    figure.series.push_back({.label = curve.label,
                             .draw = plots::Draw::line_with_points,
                             .x = table.at("epoch"),
                             .y = table.at(curve.column)});
  }
  if (figure.series.empty()) return;
  const auto [first, last] =
      std::minmax_element(table.at("epoch").begin(), table.at("epoch").end());
  figure.x.range = std::pair{*first - 0.5, *last + 0.5};
  figures.push_back({figure, caption});
}

}  // namespace

std::vector<CaptionedFigure> training_figures(const std::filesystem::path& csv) {
  std::vector<CaptionedFigure> figures;
  if (!std::filesystem::exists(csv)) return figures;
  Table table = read_table(csv);
  if (table.count("epoch") == 0) return figures;
  if (const auto auc = table.find("val_auc"); auc != table.end()) {
    // Close to 1 the differences between epochs are only visible as 1 - AUC on a logarithmic axis.
    auto& lost = table["1 - val_auc"];
    for (const double value : auc->second) lost.push_back(1.0 - value);
  }
  add_figure(figures, table, "training_loss", {"Loss"},
             {{"train_loss", "Training"}, {"val_loss", "Validation"}},
             "Loss of the training and of the validation sample by epoch.");
  add_figure(figures, table, "training_purity", {"Purity at working point 0.99"},
             {{"val_purity_0.99", "Validation"}},
             "Purity of the validation sample at its working point 0.99 by epoch.");
  add_figure(figures, table, "training_auc", {"1 - AUC", std::nullopt, true},
             {{"1 - val_auc", "Validation"}}, "1 - AUC of the validation sample by epoch.");
  add_figure(figures, table, "training_learning_rate", {"Learning rate", std::nullopt, true},
             {{"learning_rate", ""}}, "Learning rate of the last step of each epoch.");
  return figures;
}

}  // namespace stationhit::evaluation
