// Text for the terminal and CSV for programs. Columns follow the table of quantities; the number of
// digits follows from the interval, or belongs to the quantity where there is none, so the same
// number looks the same everywhere.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

// Fixed-width text of a table: columns as wide as their widest cell.
std::string align_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += "  " + line + "\n";
  }
  return text;
}

std::string csv_estimates(const Estimates& estimates) {
  std::string text;
  for (const auto& [quantity, estimate] : estimates) {
    text += core::to_text(estimate.value) + "," + core::to_text(estimate.interval.low) + "," +
            core::to_text(estimate.interval.high) + ",";
  }
  return text;
}

// `shown`: whether the quantity has columns in this table.
template <class Shown>
std::string csv_columns(const Shown& shown) {
  std::string text;
  for (const Quantity& quantity : quantities()) {
    if (!shown(quantity)) continue;
    for (const char* end : {",", "_low,", "_high,"}) text.append(quantity.key).append(end);
  }
  return text;
}

std::string csv_counts(const metrics::Counts& counts) {
  return std::to_string(counts.true_positives) + "," + std::to_string(counts.false_positives) +
         "," + std::to_string(counts.true_negatives) + "," + std::to_string(counts.false_negatives);
}

// What the threshold of the point keeps, of the sample or of a part of it: the columns behind those
// that name the row.
std::string csv_of_threshold(const WorkingPointResult& point, const Estimates& estimates,
                             const metrics::KeptAtThreshold& kept) {
  std::string text = core::to_text(point.working_point) + "," + core::to_text(point.threshold) +
                     "," + csv_estimates(estimates);
  for (const auto& [key, count] : counts_of_shares(kept)) text += std::to_string(count) + ",";
  return text + csv_counts(kept.hits) + "," + std::to_string(kept.n_events) + "\n";
}

// Heads of the columns behind the estimates of csv_of_threshold().
std::string csv_count_columns() {
  std::string text;
  for (const auto& [key, count] : counts_of_shares({})) text += std::string(key) + ",";
  return text + "true_positives,false_positives,true_negatives,false_negatives,events\n";
}

std::string csv_row(const std::string& threshold_from, const WorkingPointResult& point) {
  return threshold_from + "," + csv_of_threshold(point, point.estimates, point.kept);
}

std::string classes_csv(const EvaluationResult& result, const std::string& kind,
                        std::vector<HitClassResult> WorkingPointResult::*classes) {
  std::string text = kind + ",code,working_point,threshold," +
                     csv_columns([](const Quantity& quantity) { return quantity.by_class; }) +
                     "true_positives,false_positives,true_negatives,false_negatives\n";
  for (const WorkingPointResult& point : result.working_points) {
    for (const HitClassResult& of_class : point.*classes) {
      text += of_class.name + "," + std::to_string(of_class.code) + "," +
              core::to_text(point.working_point) + "," + core::to_text(point.threshold) + "," +
              csv_estimates(of_class.estimates) + csv_counts(of_class.counts) + "\n";
    }
  }
  return text;
}

// One line per working point, with the quantities that have such a title.
std::string threshold_table(const std::string& threshold_title,
                            const std::vector<WorkingPointResult>& points,
                            const char* Titles::*title) {
  std::vector<std::vector<std::string>> rows{{"WP", threshold_title}};
  for (const auto& [quantity, estimate] : points.front().estimates) {
    if (quantity->titles.*title != nullptr) rows.front().emplace_back(quantity->titles.*title);
  }
  for (const WorkingPointResult& point : points) {
    rows.push_back({core::to_text(point.working_point), rounded(point.threshold, 5)});
    for (const auto& [quantity, estimate] : point.estimates) {
      if (quantity->titles.*title != nullptr)
        rows.back().push_back(with_interval(estimate, quantity->digits));
    }
  }
  return align_columns(rows);
}

// One line per process; nothing for a sample of a single one.
std::string process_table(const EvaluationResult& result) {
  const std::vector<ProcessResult>& processes = result.at_reference().processes;
  if (processes.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"process", "events", "muons"}};
  for (const auto& [quantity, estimate] : processes.front().estimates)
    if (quantity->titles.terminal != nullptr) rows.front().emplace_back(quantity->titles.terminal);
  for (const ProcessResult& process : processes) {
    rows.push_back({process.name, std::to_string(process.kept.n_events),
                    std::to_string(process.kept.muons.total)});
    for (const auto& [quantity, estimate] : process.estimates)
      if (quantity->titles.terminal != nullptr)
        rows.back().push_back(with_interval(estimate, quantity->digits));
  }
  return "Processes at " + core::to_text(result.reference_point) + ":\n" + align_columns(rows);
}

// "node by node (28 nodes, 4 signal): purity 0.81 [0.80, 0.82] at 0.985, ..."
std::string nodes_line(const NodeResult& nodes) {
  std::string text = "node by node (" + std::to_string(nodes.n_nodes) + " nodes, " +
                     std::to_string(nodes.n_true_nodes) + " signal): purity";
  const char* separator = " ";
  for (const WorkingPointResult& point : nodes.working_points) {
    text.append(separator)
        .append(with_interval(point.estimates["purity"], 3))
        .append(" at ")
        .append(core::to_text(point.working_point));
    separator = ", ";
  }
  return text + "\n";
}

}  // namespace

std::string rounded(double value, int digits) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  // Significant digits turned into decimals, without an exponent, which would be hard to read in a
  // table.
  const int decimals =
      value == 0.0
          ? digits
          : std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(std::fabs(value)))));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", std::min(decimals, 8), value);
  return text.data();
}

std::optional<int> decimals_of(const metrics::Interval& interval) {
  const double error = 0.5 * (interval.high - interval.low);
  if (!(error > 0.0) || !std::isfinite(error)) return std::nullopt;
  const double exponent = std::floor(std::log10(error));
  const double leading = error / std::pow(10.0, exponent);
  const int digits = leading < 3.55 || leading >= 9.5 ? 2 : 1;
  const int decimals = digits - 1 - static_cast<int>(exponent) - (leading >= 9.5 ? 1 : 0);
  return std::clamp(decimals, 0, 12);
}

std::string with_decimals(double value, int decimals) {
  if (!std::isfinite(value)) return rounded(value, 1);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string with_interval(const Estimate& estimate, int digits) {
  if (std::isnan(estimate.interval.low) || std::isnan(estimate.value))
    return rounded(estimate.value, digits);
  const std::optional<int> decimals = decimals_of(estimate.interval);
  const auto text = [&](double value) {
    return decimals ? with_decimals(value, *decimals) : rounded(value, digits);
  };
  return text(estimate.value) + " [" + text(estimate.interval.low) + ", " +
         text(estimate.interval.high) + "]";
}

std::string technology_name(std::uint8_t code) {
  const std::string_view name = core::name(static_cast<core::Technology>(code));
  return name == "unknown" ? "technology " + std::to_string(code) : std::string(name);
}

std::vector<std::string> dropped_remarks(const EvaluationResult& result) {
  std::vector<std::string> remarks;
  for (const WorkingPointResult& point : result.working_points) {
    if (!result.dropped_ceiling || point.threshold > *result.dropped_ceiling) continue;
    remarks.push_back("Working point " + core::to_text(point.working_point) + ": the threshold " +
                      rounded(point.threshold, 5) +
                      " lies among the hits that the first stage dropped, which the second stage "
                      "does not see; take a lower working point, or raise "
                      "model.first_stage.signal_kept and train again");
  }
  return remarks;
}

std::string results_table(const EvaluationResult& result) {
  std::string text = std::to_string(result.n_events) + " events, " + std::to_string(result.n_hits) +
                     " hits (" + std::to_string(result.n_true_hits) + " signal), " +
                     std::to_string(result.n_muons) + " muons; 68 % intervals in brackets\n";
  for (const auto& [quantity, estimate] : result.estimates) {
    if (quantity->titles.terminal != nullptr) {
      text += std::string(quantity->titles.terminal) + " " +
              with_interval(estimate, quantity->digits) + "\n";
    }
  }
  text += threshold_table("logit >", result.working_points, &Titles::terminal);
  for (const std::string& remark : dropped_remarks(result)) text.append(remark).append("\n");
  text += process_table(result);
  if (result.nodes) text += nodes_line(*result.nodes);
  if (result.validation_thresholds.empty()) return text;
  return text + "Thresholds of the validation sample applied to this one:\n" +
         threshold_table("validation logit >", result.validation_thresholds,
                         &Titles::terminal_validation);
}

std::string working_points_csv(const EvaluationResult& result) {
  std::string text =
      "threshold_from,working_point,threshold," +
      csv_columns([](const Quantity& quantity) { return quantity.at_threshold != nullptr; });
  text += csv_count_columns();
  for (const WorkingPointResult& point : result.working_points) text += csv_row("test", point);
  for (const WorkingPointResult& point : result.validation_thresholds)
    text += csv_row("validation", point);
  return text;
}

std::string technologies_csv(const EvaluationResult& result) {
  return classes_csv(result, "technology", &WorkingPointResult::technologies);
}

std::string station_layers_csv(const EvaluationResult& result) {
  return classes_csv(result, "station_layer", &WorkingPointResult::station_layers);
}

std::string processes_csv(const EvaluationResult& result) {
  std::string text = "process,mc_channel_number,working_point,threshold," +
                     csv_columns([](const Quantity& quantity) { return quantity.by_process; });
  text += csv_count_columns();
  for (const WorkingPointResult& point : result.working_points) {
    for (const ProcessResult& process : point.processes)
      text += process.name + "," + std::to_string(process.mc_channel_number) + "," +
              csv_of_threshold(point, process.estimates, process.kept);
  }
  return text;
}

}  // namespace stationhit::evaluation
