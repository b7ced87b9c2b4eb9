// One page without scripts or external resources, so that it can be mailed or archived. Figures are
// referred to by relative paths in the same run folder. All text from outside is escaped.
#include <algorithm>

#include <stationhit/core/text.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

constexpr const char* style = R"(
  :root { color-scheme: light; }
  body { font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; color: #1b1f24;
         margin: 0 auto; max-width: 1180px; padding: 1.5rem; }
  h1 { font-size: 1.8rem; margin: 0 0 .2rem; }
  h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #d5dae0;
       padding-bottom: .2rem; }
  p.lead { color: #57606a; margin: 0 0 1rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; margin: .4rem 0 1rem; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .6rem; border-bottom: 1px solid #e4e8ec; text-align: right;
           white-space: nowrap; }
  th { background: #f4f6f8; font-weight: 600; white-space: normal; vertical-align: bottom; }
  th:first-child, td:first-child { text-align: left; }
  table.summary td:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .interval { color: #57606a; font-size: .82em; display: block; }
  table.summary .interval { display: inline; }
  .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr));
             gap: 1.2rem; }
  figure { margin: 0; border: 1px solid #e4e8ec; border-radius: 6px; padding: .6rem;
           background: #fff; }
  figure img { width: 100%; height: auto; display: block; }
  figcaption { font-size: .9rem; color: #3b434b; padding: .4rem .2rem 0; }
  a { color: #0a58a8; }
)";

std::string cell(const Estimate& estimate, int digits) {
  const std::string text = with_interval(estimate, digits);
  // The interval stands in smaller print under the value.
  const std::size_t interval = text.find(" [");
  if (interval == std::string::npos) return "<td>" + text + "</td>";
  return "<td>" + text.substr(0, interval) + " <span class=\"interval\">" +
         text.substr(interval + 1) + "</span></td>";
}

std::string cell(const std::string& text) { return "<td>" + core::escape_markup(text) + "</td>"; }

std::string table_head(const std::vector<std::string>& titles) {
  std::string text = "<div class=\"scroll\"><table>\n<tr>";
  for (const std::string& title : titles) text += "<th>" + title + "</th>";
  return text + "</tr>\n";
}

constexpr const char* table_end = "</table></div>\n";

// Origin and pile-up under the heading, nothing where neither is known.
std::string sample_line(const core::SampleInfo& sample) {
  const std::string pile_up = core::pile_up_line(sample, "&lt;&mu;&gt;");
  if (sample.origin.empty() && pile_up.empty()) return "";
  return "<p class=\"lead\">" + core::escape_markup(sample.origin) +
         (sample.origin.empty() || pile_up.empty() ? "" : ", ") + pile_up + "</p>\n";
}

std::string summary_table(const EvaluationResult& result, const ReportOptions& options) {
  std::string text = "<div class=\"scroll\"><table class=\"summary\">\n";
  const auto row = [&text](const std::string& key, const std::string& value) {
    text += "<tr>" + cell(key) + cell(value) + "</tr>\n";
  };
  for (const auto& [key, value] : options.summary) row(key, value);
  row("Weight of signal hits in the loss", rounded(options.pos_weight, 4));
  row("Events", std::to_string(result.n_events));
  row("Hits",
      std::to_string(result.n_hits) + ", of which signal: " + std::to_string(result.n_true_hits));
  row("Muons", std::to_string(result.n_muons));
  for (const auto& [quantity, estimate] : result.estimates) {
    if (quantity->titles.page != nullptr) {
      text += std::string("<tr><td>") + quantity->titles.page + "</td>" +
              cell(estimate, quantity->digits) + "</tr>\n";
    }
  }
  return text + table_end;
}

std::vector<std::string> with_titles(std::vector<std::string> titles, const Estimates& estimates) {
  for (const auto& [quantity, estimate] : estimates) {
    if (quantity->titles.page != nullptr) titles.emplace_back(quantity->titles.page);
  }
  return titles;
}

std::string cells(const Estimates& estimates) {
  std::string text;
  for (const auto& [quantity, estimate] : estimates) {
    if (quantity->titles.page != nullptr) text += cell(estimate, quantity->digits);
  }
  return text;
}

std::string working_point_table(const std::vector<WorkingPointResult>& points) {
  std::string text =
      table_head(with_titles({"Working point", "Logit&nbsp;&gt;"}, points.front().estimates));
  for (const WorkingPointResult& point : points) {
    text += "<tr>" + cell(core::to_text(point.working_point)) + cell(rounded(point.threshold, 5)) +
            cells(point.estimates) + "</tr>\n";
  }
  return text + table_end;
}

std::string class_table(const std::string& title, const std::vector<HitClassResult>& classes) {
  std::string text =
      table_head(with_titles({title, "Hits", "Signal hits"}, classes.front().estimates));
  for (const HitClassResult& of_class : classes) {
    const metrics::Counts& counts = of_class.counts;
    text += "<tr>" + cell(of_class.name) +
            cell(std::to_string(counts.signal() + counts.background())) +
            cell(std::to_string(counts.signal())) + cells(of_class.estimates) + "</tr>\n";
  }
  return text + table_end;
}

// Technologies, and station layers where they are known.
std::string class_sections(const EvaluationResult& result) {
  const WorkingPointResult& point = result.at_reference();
  const std::string at = " at working point " + core::to_text(result.reference_point) + "</h2>\n";
  std::string text = "<h2>Technologies";
  text += at;
  text +=
      "<p>The same threshold is used for all technologies. Brackets hold 68 % intervals: the wider "
      "of resampled events and Clopper-Pearson.</p>\n";
  text += class_table("Technology", point.technologies);
  if (point.station_layers.empty()) return text;
  text += "<h2>Station layers";
  text += at;
  return text + class_table("Station layer", point.station_layers);
}

std::string figure_element(const WrittenFigure& figure) {
  const std::string path = "plots/" + core::escape_markup(figure.stem),
                    caption = core::escape_markup(figure.caption);
  return "<figure><a href=\"" + path + ".png\"><img src=\"" + path + ".png\" alt=\"" + caption +
         "\"></a><figcaption>" + caption + " <a href=\"" + path + ".pdf\">PDF</a> <a href=\"" +
         path + ".csv\">CSV</a></figcaption></figure>\n";
}

std::string figure_sections(const std::vector<WrittenFigure>& figures) {
  std::vector<std::string> sections;
  for (const WrittenFigure& figure : figures) {
    // Sections appear in the order of their first figure.
    if (std::find(sections.begin(), sections.end(), figure.section) == sections.end())
      sections.push_back(figure.section);
  }
  std::string text;
  for (const std::string& section : sections) {
    text.append("<h2>").append(core::escape_markup(section));
    text += "</h2>\n<div class=\"figures\">\n";
    for (const WrittenFigure& figure : figures) {
      if (figure.section != section) continue;
      text += figure_element(figure);
    }
    text += "</div>\n";
  }
  return text;
}

}  // namespace

std::string report_html(const EvaluationResult& result, const ReportOptions& options,
                        const std::vector<WrittenFigure>& figures) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      core::escape_markup(options.title) + "</title>\n<style>" + style +
      "</style>\n</head>\n<body>\n<h1>" + core::escape_markup(options.title) + "</h1>\n" +
      sample_line(options.sample) + summary_table(result, options);
  text +=
      "<h2>Working points</h2>\n<p>A hit is kept if its logit is above the threshold. Thresholds "
      "are those at which the given share of this "
      "sample's signal hits is kept. Brackets hold 68 % intervals from resampled events; those of "
      "muons are Clopper-Pearson intervals.</p>\n" +
      working_point_table(result.working_points);
  if (!result.validation_thresholds.empty()) {
    text +=
        "<h2>Thresholds of the validation sample</h2>\n<p>The thresholds of the validation "
        "sample, applied to this sample.</p>\n" +
        working_point_table(result.validation_thresholds);
  }
  text += class_sections(result);
  text += figure_sections(figures);
  text +=
      "<p class=\"lead\">The same numbers with full precision are in <a "
      "href=\"test/metrics.json\">metrics.json</a>, <a "
      "href=\"test/working_points.csv\">working_points.csv</a>, "
      "<a href=\"test/technologies.csv\">technologies.csv</a>, "
      "<a href=\"test/station_layers.csv\">station_layers.csv</a></p>\n</body>\n</html>\n";
  return text;
}

}  // namespace stationhit::evaluation
