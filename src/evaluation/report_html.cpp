// Figures are referred to by relative paths in the same run folder.
#include <stationhit/core/text.hpp>

#include "outputs.hpp"
#include "page.hpp"

namespace stationhit::evaluation {
namespace {

std::string estimate_cell(const Estimate& estimate, int digits) {
  return value_cell(with_interval(estimate, digits));
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
              estimate_cell(estimate, quantity->digits) + "</tr>\n";
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
    if (quantity->titles.page != nullptr) text += estimate_cell(estimate, quantity->digits);
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

// How many signal and background hits a threshold keeps and drops.
std::string counts_table(const std::vector<WorkingPointResult>& points) {
  std::string text = table_head({"Working point", "Signal hits kept", "Signal hits lost",
                                 "Background hits kept", "Background hits dropped"});
  for (const WorkingPointResult& point : points) {
    const metrics::Counts& counts = point.kept.hits;
    text += "<tr>" + cell(core::to_text(point.working_point));
    for (const std::uint64_t count : {counts.true_positives, counts.false_negatives,
                                      counts.false_positives, counts.true_negatives})
      text += cell(std::to_string(count));
    text += "</tr>\n";
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

std::string process_table(const std::vector<ProcessResult>& processes) {
  std::string text = table_head(
      with_titles({"Process", "Events", "Signal hits", "Muons"}, processes.front().estimates));
  for (const ProcessResult& process : processes) {
    text += "<tr>" + cell(process.name) + cell(std::to_string(process.kept.n_events)) +
            cell(std::to_string(process.kept.hits.signal())) +
            cell(std::to_string(process.kept.muons.total)) + cells(process.estimates) + "</tr>\n";
  }
  return text + table_end;
}

std::string process_section(const EvaluationResult& result) {
  const WorkingPointResult& point = result.at_reference();
  if (point.processes.empty()) return "";
  return "<h2>Processes at working point " + core::to_text(result.reference_point) +
         "</h2>\n<p>The threshold is that of the whole sample. Brackets hold 68 % intervals: the "
         "wider of resampled events and Clopper-Pearson, for muons Clopper-Pearson.</p>\n" +
         process_table(point.processes);
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

std::string file_links(const std::vector<std::string>& files) {
  if (files.empty()) return "";
  std::string text = "<p class=\"lead\">Configuration and training:";
  for (const std::string& file : files) {
    const std::string escaped = core::escape_markup(file);
    text.append(" <a href=\"").append(escaped).append("\">").append(escaped).append("</a>");
  }
  return text + "</p>\n";
}

}  // namespace

std::string report_html(const EvaluationResult& result, const ReportOptions& options,
                        const std::vector<WrittenFigure>& figures) {
  std::string text = page_head(options.title, options.sample) + summary_table(result, options);
  text +=
      "<h2>Working points</h2>\n<p>A hit is kept if its logit is above the threshold. Thresholds "
      "are those at which the given share of this "
      "sample's signal hits is kept. Brackets hold 68 % intervals from resampled events; those of "
      "muons are Clopper-Pearson intervals.</p>\n" +
      working_point_table(result.working_points) + counts_table(result.working_points);
  for (const std::string& remark : dropped_remarks(result))
    text.append("<p>").append(core::escape_markup(remark)).append(".</p>\n");
  if (!result.validation_thresholds.empty()) {
    text +=
        "<h2>Thresholds of the validation sample</h2>\n<p>The thresholds of the validation "
        "sample, applied to this sample.</p>\n" +
        working_point_table(result.validation_thresholds);
  }
  text += process_section(result);
  text += class_sections(result);
  text += figure_sections(figures);
  text += file_links(options.files);
  text +=
      "<p class=\"lead\">The same numbers with full precision are in <a "
      "href=\"test/metrics.json\">metrics.json</a>, <a "
      "href=\"test/working_points.csv\">working_points.csv</a>, "
      "<a href=\"test/technologies.csv\">technologies.csv</a>, "
      "<a href=\"test/station_layers.csv\">station_layers.csv</a>, "
      "<a href=\"test/processes.csv\">processes.csv</a></p>\n";
  return text + page_end;
}

}  // namespace stationhit::evaluation
