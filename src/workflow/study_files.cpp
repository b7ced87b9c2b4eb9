#include "study_files.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/markdown.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>

#include "study_figures.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string number(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// "0.1234 ± 0.0012"; the error is left out where there is none.
std::string with_error(const char* format, const StudyEstimate& estimate) {
  if (std::isnan(estimate.value)) return "";
  const std::string value = number(format, estimate.value);
  return std::isnan(estimate.error) ? value : value + " ± " + number("%.5f", estimate.error);
}

std::string row_label(const StudyEntry& entry) {
  return entry.label + (entry.method == StudyMethod::permuted ? " permuted" : "");
}

std::string markdown_line(const StudyEntry& entry) {
  std::string line = "| " + core::escape_markdown(row_label(entry)) + " | ";
  for (std::size_t i = 0; i < study_quantities.size(); ++i) {
    line += with_error("%.5f", entry.values[i]) + " | ";
    line += (entry.name == base_variant ? "" : with_error("%+.5f", entry.differences[i])) + " | ";
  }
  const bool trained = entry.method == StudyMethod::trained;
  return line + (trained ? std::to_string(entry.training_events) : "") + " | " +
         (trained ? std::to_string(entry.parameters) : "") + " | " +
         (trained ? number("%.1f", entry.ms_per_event.value) : "") + " |\n";
}

std::string markdown_head() {
  std::string titles = "| variant", line = "|---";
  for (const StudyQuantity& quantity : study_quantities) {
    titles.append(" | ").append(quantity.title).append(" | difference");
    line += "|---|---";
  }
  return titles + " | training events | parameters | training, ms/event |\n" + line +
         "|---|---|---|\n";
}

std::string explain_errors(std::size_t seeds) {
  return seeds > 1 ? "Means over " + std::to_string(seeds) +
                         " seeds with their standard errors; differences to the base are taken "
                         "seed by seed."
                   : "One seed; errors are standard deviations over 200 resampled validation "
                     "samples, of differences with the same events.";
}

// Their values are not those of all events, unlike those of the base in the same table.
std::string explain_permutations(StudyKind kind, const config::StudyConfig& study) {
  if (kind != StudyKind::features || study.permutations == 0 || study.permuted_events == 0)
    return "";
  return " Permuted values are of the first " + std::to_string(study.permuted_events) +
         " events, their differences are to the base on these.";
}

ordered_json to_json(const StudyEstimate& estimate) {
  return {{"value", estimate.value}, {"error", estimate.error}};
}

ordered_json to_json(const StudyEntry& entry) {
  ordered_json object{{"name", entry.name},
                      {"method", core::name(entry.method)},
                      {"seeds", entry.seeds},
                      {"training_events", entry.training_events},
                      {"parameters", entry.parameters},
                      {"training_ms_per_event", entry.ms_per_event.value}};
  for (std::size_t i = 0; i < study_quantities.size(); ++i)
    object[study_quantities[i].name] = {{"mean", to_json(entry.values[i])},
                                        {"difference", to_json(entry.differences[i])}};
  return object;
}

}  // namespace

std::string study_csv(const std::vector<StudyRow>& rows) {
  std::string csv = "variant,method,seed";
  for (const char* prefix : {",", ",base_"})
    for (const StudyQuantity& quantity : study_quantities) csv.append(prefix).append(quantity.name);
  csv += ",training_events,parameters,training_ms_per_event,best_epoch\n";
  for (const StudyRow& row : rows) {
    std::vector<std::string> cells{row.name, std::string(core::name(row.method)),
                                   std::to_string(row.seed)};
    for (const StudyMeasurement* measurement : {&row.measured, &row.base})
      for (const StudyValue& one : *measurement) cells.push_back(core::to_text(one.value));
    cells.push_back(std::to_string(row.training_events));
    cells.push_back(std::to_string(row.parameters));
    cells.push_back(row.method == StudyMethod::trained ? core::to_text(row.ms_per_event) : "");
    cells.push_back(std::to_string(row.best_epoch));
    csv += core::join(cells, ",") + "\n";
  }
  return csv;
}

std::string study_markdown(StudyKind kind, const StudyResult& result,
                           const config::StudyConfig& study) {
  std::string text = "# Study of " + std::string(core::name(kind)) +
                     "\n\nBest checkpoints on the validation split. " +
                     explain_errors(study.seeds.size()) + explain_permutations(kind, study) +
                     "\n\n" + markdown_head();
  for (const StudyEntry& entry : result.entries) text += markdown_line(entry);
  for (const StudyGap& gap : result.gaps)
    text += "\n* " + core::escape_markdown(
                         gap.label + (gap.failed ? ": failed: " : ": not possible: ") + gap.reason);
  return text + (result.gaps.empty() ? "" : "\n");
}

std::string study_json(StudyKind kind, const StudyResult& result, const config::RunConfig& run) {
  ordered_json gaps = ordered_json::array(), entries = ordered_json::array();
  for (const StudyGap& gap : result.gaps)
    gaps.push_back({{"name", gap.name}, {"failed", gap.failed}, {"reason", gap.reason}});
  for (const StudyEntry& entry : result.entries) entries.push_back(to_json(entry));
  return ordered_json{{"study", core::name(kind)},
                      {"seeds", run.study.seeds},
                      {"validation_split", run.val_path},
                      {"entries", entries},
                      {"left_out", gaps},
                      {"configuration", config::dump(run)}}
             .dump(2) +
         "\n";
}

fs::path write_study(StudyKind kind, const StudyResult& result, const config::RunConfig& run,
                     const core::SampleInfo& sample, const fs::path& folder) {
  core::make_folder(folder);
  core::write_text_file(folder / "study.csv", study_csv(result.rows));
  core::write_text_file(folder / "study.json", study_json(kind, result, run));
  fs::path table = folder / "study.md";
  core::write_text_file(table, study_markdown(kind, result, run.study));
  write_study_figures(kind, result.entries, sample, folder);
  return table;
}

}  // namespace stationhit::workflow
