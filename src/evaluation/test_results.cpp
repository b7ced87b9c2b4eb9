// The counterpart of metrics_json.cpp: what is read follows the table of quantities as well.
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/test_results.hpp>

#include "estimates_json.hpp"
#include "outputs.hpp"
#include "run_comparison_tables.hpp"

namespace stationhit::evaluation {
namespace {

using Json = nlohmann::json;

double read_number(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Estimate read_estimate(const Json& json) {
  return {read_number(json.at("value")),
          {read_number(json.at("low")), read_number(json.at("high"))}};
}

// Whether a quantity stands in a part of the file.
using Wanted = std::function<bool(const Quantity&)>;

Estimates read_estimates(const Json& json, const Wanted& wanted) {
  Estimates estimates;
  for (const Quantity& quantity : quantities())
    if (wanted(quantity)) estimates.add(quantity, read_estimate(json.at(quantity.key)));
  return estimates;
}

bool is_of_sample(const Quantity& quantity) {
  return quantity.of_sample != nullptr || quantity.before_cut != nullptr;
}

bool is_at_threshold(const Quantity& quantity) { return quantity.at_threshold != nullptr; }

// A card has some of the quantities, and none of a sample without muons.
Wanted in_card(const Json& json, bool (*part)(const Quantity&)) {
  return [&json, part](const Quantity& one) { return part(one) && json.contains(one.key); };
}

std::vector<TestedPoint> read_points(const Json& json,
                                     const std::function<Wanted(const Json&)>& wanted) {
  std::vector<TestedPoint> points;
  for (const Json& point : json)
    points.push_back({point.at("working_point").get<double>(), point.at("threshold").get<float>(),
                      read_estimates(point, wanted(point))});
  return points;
}

TestResults read_results(const Json& json, const Wanted& of_sample,
                         const std::function<Wanted(const Json&)>& at_threshold) {
  return {core::read_whole<std::uint64_t>(json, "events"),
          core::read_whole<std::uint64_t>(json, "hits"),
          core::read_whole<std::uint64_t>(json, "true_hits"),
          core::read_whole<std::uint64_t>(json, "muons"),
          read_estimates(json, of_sample),
          read_points(json.at("working_points"), at_threshold),
          read_points(json.value("validation_thresholds", Json::array()), at_threshold),
          json.value("checkpoint", "")};
}

const char* card_title(const Quantity& quantity) {
  const Titles& titles = quantity.titles;
  return titles.terminal_validation != nullptr ? titles.terminal_validation : titles.terminal;
}

Estimates shown_in_card(const Estimates& estimates) {
  Estimates shown;
  for (const auto& [quantity, estimate] : estimates)
    if (card_title(*quantity) != nullptr) shown.add(*quantity, estimate);
  return shown;
}

nlohmann::ordered_json points_json(const std::vector<TestedPoint>& points) {
  auto list = nlohmann::ordered_json::array();
  for (const TestedPoint& point : points) {
    nlohmann::ordered_json json{{"working_point", point.working_point},
                                {"threshold", point.threshold}};
    add_estimates(json, shown_in_card(point.estimates));
    list.push_back(std::move(json));
  }
  return list;
}

std::string points_markdown(const std::string& title, const std::vector<TestedPoint>& points) {
  if (points.empty()) return "";
  CellTable table{{"working point", "logit >"}, {}};
  for (const auto& [quantity, estimate] : points.front().estimates)
    table.head.emplace_back(card_title(*quantity));
  for (const TestedPoint& point : points) {
    std::vector<std::string> cells{core::to_text(point.working_point), rounded(point.threshold, 4)};
    for (const auto& [quantity, estimate] : point.estimates)
      cells.push_back(with_interval(estimate, quantity->digits));
    table.rows.push_back(std::move(cells));
  }
  return "\n" + title + "\n\n" + markdown(table);
}

}  // namespace

TestResults read_test_results(const std::filesystem::path& metrics_json) {
  const std::string text = core::read_text_file(metrics_json), where = metrics_json.string();
  core::require_json_depth(text, where);
  return core::read_json<Json>(
      where, "damaged, or written by an earlier version: `stationhit test` writes it again",
      [&text] {
        return read_results(Json::parse(text), is_of_sample,
                            [](const Json&) { return is_at_threshold; });
      });
}

std::string card_results_json(const TestResults& results) {
  nlohmann::ordered_json json{{"events", results.n_events},
                              {"hits", results.n_hits},
                              {"true_hits", results.n_true_hits},
                              {"muons", results.n_muons}};
  add_estimates(json, shown_in_card(results.estimates));
  json["working_points"] = points_json(results.working_points);
  json["validation_thresholds"] = points_json(results.validation_thresholds);
  return json.dump();
}

TestResults read_card_results(std::string_view json, const std::string& where) {
  return core::read_json<Json>(where, "damaged; export the model again", [&] {
    const Json document = Json::parse(json);
    return read_results(document, in_card(document, is_of_sample),
                        [](const Json& point) { return in_card(point, is_at_threshold); });
  });
}

std::string purity_text(const TestedPoint& point) {
  for (const auto& [quantity, estimate] : point.estimates)
    if (std::string_view(quantity->key) == "purity")
      return with_interval(estimate, quantity->digits);
  return "-";
}

std::string card_results_markdown(const TestResults& results) {
  std::string text = std::to_string(results.n_events) + " events, " +
                     std::to_string(results.n_hits) + " hits, " +
                     std::to_string(results.n_true_hits) + " of them signal, " +
                     std::to_string(results.n_muons) + " muons; 68 % intervals.\n";
  for (const auto& [quantity, estimate] : results.estimates)
    text += std::string("\n* ") + card_title(*quantity) + ": " +
            with_interval(estimate, quantity->digits);
  if (results.estimates.begin() != results.estimates.end()) text += "\n";
  text +=
      points_markdown("With the thresholds that the model carries (from the validation sample):",
                      results.validation_thresholds);
  return text +
         points_markdown("With the thresholds at which the tested sample has these efficiencies:",
                         results.working_points);
}

}  // namespace stationhit::evaluation
