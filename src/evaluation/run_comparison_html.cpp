// The tables of run_comparison_tables.cpp as a page with the figures.
#include <stationhit/core/text.hpp>

#include "outputs.hpp"
#include "page.hpp"
#include "run_comparison_tables.hpp"

namespace stationhit::evaluation {
namespace {

namespace fs = std::filesystem;

// Titles of quantities are markup already, names and keys are texts.
enum class HeadIs { text, markup };

std::string table_html(CellTable table, HeadIs head) {
  if (head == HeadIs::text)
    for (std::string& title : table.head) title = core::escape_markup(title);
  else
    table.head.front() = core::escape_markup(table.head.front());
  std::string text = table_head(table.head);
  for (const auto& row : table.rows) {
    text += "<tr>" + cell(row.front());
    for (std::size_t i = 1; i < row.size(); ++i) text += value_cell(row[i]);
    text += "</tr>\n";
  }
  return text + table_end;
}

// Where the runs are, with links to the reports that are there.
std::string link_line(const RunComparison& comparison, const fs::path& folder) {
  std::string text = "<p class=\"lead\">Reports of the runs:";
  for (const ComparedRun& run : comparison.runs) {
    const fs::path report = run.folder / "report.html";
    const std::string name = core::escape_markup(run.name);
    if (fs::exists(report))
      text.append(" <a href=\"")
          .append(core::escape_markup(fs::proximate(report, folder).generic_string()))
          .append("\">")
          .append(name)
          .append("</a>");
    else
      text.append(" ").append(name).append(" (none)");
  }
  return text +
         "; the same numbers with full precision are in <a "
         "href=\"compare.json\">compare.json</a>.</p>\n";
}

// Lists of features are long: their lines are broken.
std::string settings_section(const RunComparison& comparison) {
  const std::string heading = "<h2>Settings that differ</h2>\n";
  if (comparison.settings.empty()) return heading + "<p>The configurations do not differ.</p>\n";
  std::string table = table_html(setting_cells(comparison), HeadIs::text);
  const std::string tag = "<table";
  table.insert(table.find(tag) + tag.size(), " class=\"settings\"");
  return heading + table;
}

std::string point_section(const RunComparison& comparison, std::size_t point) {
  const double share = comparison.runs.front().results.working_points[point].working_point;
  std::string text = "<h2>Working point " + core::to_text(share) + "</h2>\n" +
                     table_html(point_cells(comparison, point, &Titles::page), HeadIs::markup);
  const CellTable differences = difference_cells(comparison, point, &Titles::page);
  if (!differences.rows.empty()) text += table_html(differences, HeadIs::markup);
  return text;
}

}  // namespace

std::string run_comparison_html(const RunComparison& comparison, const fs::path& folder,
                                const std::vector<WrittenFigure>& figures) {
  std::string text = page_head("Comparison of runs", comparison.sample) +
                     table_html(summary_cells(comparison), HeadIs::text) + "<p>" +
                     core::escape_markup(explain_intervals(comparison)) + "</p>\n";
  for (std::size_t i = 0; i < comparison.runs.front().results.working_points.size(); ++i)
    text += point_section(comparison, i);
  text += figure_sections(figures);
  return text + settings_section(comparison) + link_line(comparison, folder) + page_end;
}

}  // namespace stationhit::evaluation
