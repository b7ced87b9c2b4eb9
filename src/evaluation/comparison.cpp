// Two models are evaluated on the same events and compared quantity by quantity. The interval of a
// change comes from replicas in which both models meet the same drawn events: what they have in
// common cancels, so small changes can be seen.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/markdown.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/comparison.hpp>

#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using Json = nlohmann::ordered_json;

struct ComparedQuantity {
  std::string quantity;
  double before = 0, after = 0;
  std::optional<metrics::Interval> interval = {};  // of the change

  [[nodiscard]] double change() const { return after / before - 1; }
};

EvaluationResult evaluate_model(const ComparedModel& model) {
  EvaluationOptions options;
  options.working_points = model.working_points;
  options.validation_thresholds = model.validation_thresholds;
  return evaluate(model.sample, options);
}

LogitChange measure_logit_change(const std::vector<float>& before,
                                 const std::vector<float>& after) {
  LogitChange change;
  // Sums in double are precise enough here: logits have a spread that is not small against their
  // mean.
  double sum_a = 0, sum_b = 0, sum_aa = 0, sum_bb = 0, sum_ab = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double a = before[i], b = after[i];
    change.rms += (b - a) * (b - a);
    change.largest = std::max(change.largest, std::fabs(b - a));
    sum_a += a;
    sum_b += b;
    sum_aa += a * a;
    sum_bb += b * b;
    sum_ab += a * b;
  }
  const auto n = static_cast<double>(before.size());
  change.rms = std::sqrt(change.rms / n);
  change.correlation = (n * sum_ab - sum_a * sum_b) /
                       std::sqrt((n * sum_aa - sum_a * sum_a) * (n * sum_bb - sum_b * sum_b));
  return change;
}

// changes: with the interval of the relative change at each point; empty: without.
void add_points(std::vector<ComparedQuantity>& rows, const std::string& title,
                const Quantity& quantity, const std::vector<WorkingPointResult>& before,
                const std::vector<WorkingPointResult>& after,
                const std::vector<Estimates>& changes = {}) {
  // Thresholds of the validation sample may be missing in one of the files.
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    ComparedQuantity row{title + " at " + core::to_text(before[i].working_point),
                         before[i].estimates[quantity.key].value,
                         after[i].estimates[quantity.key].value};
    // A sample without places has no segments.
    if (std::isnan(row.before) && std::isnan(row.after)) continue;
    if (!changes.empty()) row.interval = changes[i][quantity.key].interval;
    rows.push_back(std::move(row));
  }
}

bool has_change(const Quantity& quantity) {
  return quantity.at_threshold != nullptr && quantity.titles.comparison != nullptr;
}

// Values of the whole sample come first, then those at the working points of the test sample, then
// those at the thresholds of the files, then speed and size.
std::vector<ComparedQuantity> list_quantities(const Comparison& c) {
  std::vector<ComparedQuantity> rows;
  const EvaluationResult &before = c.before_result, &after = c.after_result;
  for (const auto& [quantity, estimate] : before.estimates) {
    if (quantity->titles.comparison != nullptr) {
      rows.push_back(
          {quantity->titles.comparison, estimate.value, after.estimates[quantity->key].value});
    }
  }
  for (const Quantity& quantity : quantities()) {
    if (has_change(quantity)) {
      add_points(rows, quantity.titles.comparison, quantity, before.working_points,
                 after.working_points, c.changes);
    }
  }
  for (const Quantity& quantity : quantities()) {
    if (quantity.titles.comparison_validation != nullptr) {
      add_points(rows, quantity.titles.comparison_validation, quantity,
                 before.validation_thresholds, after.validation_thresholds);
    }
  }
  rows.push_back({"ms/event, median", c.before.median_ms, c.after.median_ms});
  rows.push_back({"ms/event, 99 % of the events within", c.before.p99_ms, c.after.p99_ms});
  rows.push_back({"file size, kB", static_cast<double>(c.before.file_bytes) / 1e3,
                  static_cast<double>(c.after.file_bytes) / 1e3});
  return rows;
}

std::string format_change(const ComparedQuantity& row) {
  char text[80];
  std::snprintf(text, sizeof text, "%+.3f %%", 100 * row.change());
  if (!row.interval || std::isnan(row.interval->low)) return text;
  char interval[80];
  std::snprintf(interval, sizeof interval, " [%+.2f, %+.2f]", 100 * row.interval->low,
                100 * row.interval->high);
  return std::string(text) + interval;
}

// The factor is always above 1 and the word says the direction: "0.7 times as fast" is often
// misread.
std::string describe_speed(const Comparison& c) {
  const bool slower = c.after.median_ms > c.before.median_ms;
  const double factor =
      slower ? c.after.median_ms / c.before.median_ms : c.before.median_ms / c.after.median_ms;
  return c.after.name + " is " + (slower ? "slower" : "faster") + " than " + c.before.name +
         " by a factor of " + rounded(factor, 4) + " (median of " +
         std::to_string(c.after.ms_of_calls.size()) + " calls, both models in turn).";
}

std::string comparison_csv(const Comparison& c) {
  std::string text = "quantity," + c.before.name + "," + c.after.name +
                     ",relative_change,change_low,change_high\n";
  for (const ComparedQuantity& row : list_quantities(c)) {
    text += "\"" + row.quantity + "\"," + core::to_text(row.before) + "," +
            core::to_text(row.after) + "," + core::to_text(row.change()) + ",";
    text +=
        (row.interval ? core::to_text(row.interval->low) + "," + core::to_text(row.interval->high)
                      : ",") +
        "\n";
  }
  return text;
}

Json model_json(const ComparedModel& model, const EvaluationResult& result) {
  return {{"name", model.name},
          {"file", model.file},
          {"file_bytes", model.file_bytes},
          {"median_ms", model.median_ms},
          {"p99_ms", model.p99_ms},
          {"calls", model.ms_of_calls.size()},
          {"metrics", Json::parse(metrics_json(result))}};
}

std::string comparison_json(const Comparison& c) {
  Json changes = Json::array();
  for (std::size_t i = 0; i < c.changes.size(); ++i) {
    Json point{{"working_point", c.before_result.working_points[i].working_point}};
    for (const auto& [quantity, change] : c.changes[i])
      point[quantity->key] = {{"low", change.interval.low}, {"high", change.interval.high}};
    changes.push_back(std::move(point));
  }
  const Json json{{"before", model_json(c.before, c.before_result)},
                  {"after", model_json(c.after, c.after_result)},
                  {"logits",
                   {{"rms", c.logits.rms},
                    {"largest", c.logits.largest},
                    {"correlation", c.logits.correlation}}},
                  {"relative_change_68_percent_interval", changes}};
  return json.dump(2) + "\n";
}

Estimates measure_change(const WorkingPointResult& before, const WorkingPointResult& after,
                         std::span<const metrics::KeptAtThreshold> replicas_before,
                         std::span<const metrics::KeptAtThreshold> replicas_after) {
  Estimates changes;
  for (const Quantity& quantity : quantities()) {
    if (!has_change(quantity)) continue;
    const double change = metrics::relative_change(before.kept, after.kept, quantity.at_threshold);
    changes.add(quantity, {change, metrics::change_interval(replicas_before, replicas_after, change,
                                                            quantity.at_threshold)});
  }
  return changes;
}

// Both samples are counted with the same replicas, so that what they have in common cancels in the
// change.
std::vector<Estimates> measure_changes(const metrics::ScoredSample& before,
                                       const metrics::ScoredSample& after,
                                       const EvaluationResult& of_before,
                                       const EvaluationResult& of_after) {
  std::vector<metrics::ThresholdRule> rules;
  for (const WorkingPointResult& point : of_before.working_points)
    rules.push_back({point.working_point, {}});
  const metrics::Replicas replicas = metrics::draw_replicas(before.n_events());
  const metrics::ReplicaCounts counts_before = metrics::count_replicas(before, replicas, rules),
                               counts_after = metrics::count_replicas(after, replicas, rules);
  std::vector<Estimates> changes;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    changes.push_back(measure_change(of_before.working_points[i], of_after.working_points[i],
                                     counts_before.of_rule(i), counts_after.of_rule(i)));
  }
  return changes;
}

}  // namespace

Comparison compare(ComparedModel before, ComparedModel after) {
  assert(before.sample.truth_link == after.sample.truth_link);
  assert(before.working_points == after.working_points);
  EvaluationResult of_before = evaluate_model(before), of_after = evaluate_model(after);
  const LogitChange logits = measure_logit_change(before.sample.score, after.sample.score);
  std::vector<Estimates> changes =
      measure_changes(before.sample, after.sample, of_before, of_after);
  return {std::move(before),   std::move(after), std::move(of_before),
          std::move(of_after), logits,           std::move(changes)};
}

std::string comparison_table(const Comparison& c) {
  std::string text = "| quantity | " + core::escape_markdown(c.before.name) + " | " +
                     core::escape_markdown(c.after.name) + " | change |\n|---|---|---|---|\n";
  for (const ComparedQuantity& row : list_quantities(c)) {
    text += "| " + row.quantity + " | " + rounded(row.before, 5) + " | " + rounded(row.after, 5) +
            " | " + format_change(row) + " |\n";
  }
  return text + "\n" + std::to_string(c.before_result.n_events) + " events, " +
         std::to_string(c.before_result.n_true_hits) + " signal hits of " +
         std::to_string(c.before_result.n_hits) +
         "; 68 % intervals of the change by bootstrap over events, the same for both. Logits: rms "
         "of the differences " +
         rounded(c.logits.rms, 3) + ", largest " + rounded(c.logits.largest, 3) + ", correlation " +
         rounded(c.logits.correlation, 6) + ".\n" + describe_speed(c) + "\n";
}

void write_comparison(const Comparison& comparison, const std::filesystem::path& folder,
                      const core::SampleInfo& sample, const core::Logger& logger) {
  core::make_folder(folder);
  core::write_text_file(folder / "table.md", comparison_table(comparison));
  core::write_text_file(folder / "table.csv", comparison_csv(comparison));
  core::write_text_file(folder / "comparison.json", comparison_json(comparison));
  write_comparison_figures(comparison, folder, sample, logger);
}

}  // namespace stationhit::evaluation
