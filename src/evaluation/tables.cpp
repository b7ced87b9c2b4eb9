#include <array>
#include <cmath>
#include <cstdio>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

// Fixed-width text of a table: columns as wide as their widest cell.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
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

std::string csv_estimate(const Estimate& estimate) {
  return core::to_text(estimate.value) + "," + core::to_text(estimate.interval.low) + "," +
         core::to_text(estimate.interval.high);
}

std::string csv_counts(const metrics::Counts& counts) {
  return std::to_string(counts.true_positives) + "," + std::to_string(counts.false_positives) +
         "," + std::to_string(counts.true_negatives) + "," + std::to_string(counts.false_negatives);
}

std::string csv_row(const std::string& threshold_from, const WorkingPointResult& point,
                    const EvaluationResult& result) {
  return threshold_from + "," + core::to_text(point.working_point) + "," +
         core::to_text(point.threshold) + "," + csv_estimate(point.efficiency) + "," +
         csv_estimate(point.purity) + "," + csv_estimate(point.rejection) + "," +
         csv_estimate(point.hits_kept_per_event) + "," + csv_estimate(point.muons_kept_share) +
         "," + std::to_string(point.muons_kept) + "," + std::to_string(result.n_muons) + "," +
         csv_counts(point.counts) + "," + std::to_string(result.n_events) + "\n";
}

std::string columns_of(const std::string& name) {
  return name + "," + name + "_low," + name + "_high,";
}

std::string validation_lines(const EvaluationResult& result) {
  if (result.validation_thresholds.empty()) return {};
  std::vector<std::vector<std::string>> rows{
      {"WP", "validation logit >", "efficiency here", "purity", "muons kept"}};
  for (const WorkingPointResult& point : result.validation_thresholds) {
    rows.push_back({core::to_text(point.working_point), rounded(point.threshold, 5),
                    with_interval(point.efficiency, 4), with_interval(point.purity, 4),
                    with_interval(point.muons_kept_share, 4)});
  }
  return "Thresholds of the validation sample applied to this one:\n" + aligned(rows);
}

}  // namespace

std::string rounded(double value, int digits) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const int decimals =
      value == 0.0
          ? digits
          : std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(std::fabs(value)))));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", std::min(decimals, 8), value);
  return text.data();
}

std::string with_interval(const Estimate& estimate, int digits) {
  if (std::isnan(estimate.interval.low) || std::isnan(estimate.value))
    return rounded(estimate.value, digits);
  return rounded(estimate.value, digits) + " [" + rounded(estimate.interval.low, digits) + ", " +
         rounded(estimate.interval.high, digits) + "]";
}

std::string technology_name(std::uint8_t code) {
  const std::string_view name = core::name(static_cast<core::Technology>(code));
  return name == "unknown" ? "technology " + std::to_string(code) : std::string(name);
}

std::string results_table(const EvaluationResult& result) {
  std::string text = std::to_string(result.n_events) + " events, " + std::to_string(result.n_hits) +
                     " hits (" + std::to_string(result.n_true_hits) + " true), " +
                     std::to_string(result.n_muons) + " muons; 68 % intervals in brackets\n";
  text += "AUC " + with_interval(result.auc, 6) + "\n";
  std::vector<std::vector<std::string>> rows{
      {"WP", "logit >", "purity", "1/eps_b", "hits kept/event", "muons kept (>= 3 hits)"}};
  for (const WorkingPointResult& point : result.working_points) {
    rows.push_back({core::to_text(point.working_point), rounded(point.threshold, 5),
                    with_interval(point.purity, 4), with_interval(point.rejection, 4),
                    with_interval(point.hits_kept_per_event, 4),
                    with_interval(point.muons_kept_share, 4)});
  }
  return text + aligned(rows) + validation_lines(result);
}

std::string working_points_csv(const EvaluationResult& result) {
  std::string text =
      "threshold_from,working_point,threshold," + columns_of("efficiency") + columns_of("purity") +
      columns_of("rejection") + columns_of("hits_kept_per_event") + columns_of("muons_kept_share") +
      "muons_kept,muons,true_positives,false_positives,true_negatives,false_negatives,events\n";
  for (const WorkingPointResult& point : result.working_points)
    text += csv_row("test", point, result);
  for (const WorkingPointResult& point : result.validation_thresholds)
    text += csv_row("validation", point, result);
  return text;
}

std::string technologies_csv(const EvaluationResult& result) {
  std::string text = "technology,code,working_point,threshold," + columns_of("efficiency") +
                     columns_of("purity") + columns_of("rejection") +
                     "true_positives,false_positives,true_negatives,false_negatives\n";
  for (const TechnologyResult& technology : result.technologies) {
    text += technology_name(technology.technology) + "," + std::to_string(technology.technology) +
            "," + core::to_text(metrics::reference_working_point) + "," +
            core::to_text(result.reference_threshold) + "," + csv_estimate(technology.efficiency) +
            "," + csv_estimate(technology.purity) + "," + csv_estimate(technology.rejection) + "," +
            csv_counts(technology.counts) + "\n";
  }
  return text;
}

}  // namespace stationhit::evaluation
