// The columns follow the table of quantities: what the terminal shows of a test is compared.
#include "run_comparison_tables.hpp"

#include <algorithm>
#include <cmath>

#include <stationhit/core/markdown.hpp>
#include <stationhit/core/text.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

bool is_compared(const Quantity& quantity) {
  return quantity.at_threshold != nullptr && quantity.titles.terminal != nullptr;
}

// "+0.012 [+0.010, +0.014]".
std::string with_sign(const Estimate& estimate, int digits) {
  const auto text = [&](double value) {
    const std::optional<int> decimals = decimals_of(estimate.interval);
    const std::string number = decimals ? with_decimals(value, *decimals) : rounded(value, digits);
    return number.front() == '-' ? number : "+" + number;
  };
  if (std::isnan(estimate.value)) return "-";
  if (std::isnan(estimate.interval.low)) return text(estimate.value);
  return text(estimate.value) + " [" + text(estimate.interval.low) + ", " +
         text(estimate.interval.high) + "]";
}

// Whether a run has this difference at the working point.
bool has_difference(const RunComparison& comparison, std::size_t point, const Quantity& quantity) {
  return std::ranges::any_of(comparison.runs, [&](const ComparedRun& run) {
    return !run.differences.empty() && !std::isnan(run.differences[point][quantity.key].value);
  });
}

std::string point_markdown(const RunComparison& comparison, std::size_t point) {
  const double share = comparison.runs.front().results.working_points[point].working_point;
  std::string text = "\n## Working point " + core::to_text(share) + "\n\n" +
                     markdown(point_cells(comparison, point, &Titles::terminal));
  const CellTable differences = difference_cells(comparison, point, &Titles::terminal);
  if (!differences.rows.empty()) text += "\n" + markdown(differences);
  return text;
}

}  // namespace

std::string markdown(const CellTable& table) {
  const auto line = [](std::vector<std::string> cells) {
    for (std::string& cell : cells) cell = core::markdown_line(cell);
    return "| " + core::join(cells, " | ") + " |\n";
  };
  std::string text = line(table.head) + "|";
  for (std::size_t i = 0; i < table.head.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : table.rows) text += line(row);
  return text;
}

CellTable summary_cells(const RunComparison& comparison) {
  CellTable table{{"run"}, {}};
  for (const auto& [key, value] : comparison.runs.front().summary) table.head.push_back(key);
  for (const ComparedRun& run : comparison.runs) {
    table.rows.push_back({run.name});
    for (const auto& [key, value] : run.summary) table.rows.back().push_back(value);
  }
  return table;
}

CellTable point_cells(const RunComparison& comparison, std::size_t point,
                      const char* Titles::*title) {
  CellTable table{{"run"}, {}};
  for (const Quantity& quantity : quantities())
    if (is_compared(quantity)) table.head.emplace_back(quantity.titles.*title);
  for (const ComparedRun& run : comparison.runs) {
    table.rows.push_back({run.name});
    for (const auto& [quantity, estimate] : run.results.working_points[point].estimates)
      if (is_compared(*quantity))
        table.rows.back().push_back(with_interval(estimate, quantity->digits));
  }
  return table;
}

CellTable difference_cells(const RunComparison& comparison, std::size_t point,
                           const char* Titles::*title) {
  CellTable table{{"difference to " + comparison.runs.front().name}, {}};
  const auto is_shown = [&](const Quantity& quantity) {
    return is_compared(quantity) && has_difference(comparison, point, quantity);
  };
  for (const Quantity& quantity : quantities())
    if (is_shown(quantity)) table.head.emplace_back(quantity.titles.*title);
  for (const ComparedRun& run : comparison.runs) {
    if (run.differences.empty()) continue;
    table.rows.push_back({run.name});
    for (const auto& [quantity, estimate] : run.differences[point])
      if (is_shown(*quantity)) table.rows.back().push_back(with_sign(estimate, quantity->digits));
  }
  return table;
}

CellTable setting_cells(const RunComparison& comparison) {
  CellTable table{{"setting"}, {}};
  for (const ComparedRun& run : comparison.runs) table.head.push_back(run.name);
  for (const ComparedSetting& setting : comparison.settings) {
    table.rows.push_back({setting.key});
    table.rows.back().insert(table.rows.back().end(), setting.values.begin(), setting.values.end());
  }
  return table;
}

std::string explain_intervals(const RunComparison& comparison) {
  const std::string& first = comparison.runs.front().name;
  std::string text =
      "Thresholds are those that keep the working point of the signal hits of the tested sample. "
      "Brackets hold 68 % intervals, those of differences from a bootstrap over events that draws "
      "the same events for both runs. Muons in 2 station layers, segments and hit pairs have no "
      "difference, because test/scores.root does not say where the hits are.";
  std::vector<std::string> others;
  for (const ComparedRun& run : comparison.runs)
    if (!run.same_events) others.push_back(run.name);
  if (!others.empty())
    text += " No difference is given for " + core::join(others) + ": tested on other events than " +
            first + ".";
  return text;
}

std::string run_comparison_markdown(const RunComparison& comparison) {
  std::string text = "# Comparison of runs\n\n" + markdown(summary_cells(comparison)) + "\n" +
                     core::escape_markdown(explain_intervals(comparison)) + "\n";
  for (std::size_t i = 0; i < comparison.runs.front().results.working_points.size(); ++i)
    text += point_markdown(comparison, i);
  if (comparison.settings.empty()) return text + "\nThe configurations do not differ.\n";
  return text + "\n## Settings that differ\n\n" + markdown(setting_cells(comparison));
}

}  // namespace stationhit::evaluation
