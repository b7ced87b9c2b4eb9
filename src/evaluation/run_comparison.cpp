// All runs are counted with the same replicas of the events, so that what two runs have in common
// cancels in their difference.
#include <cassert>
#include <span>
#include <utility>

#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/evaluation/run_comparison.hpp>

#include "estimates_json.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using Json = nlohmann::ordered_json;

Estimates differences_at(const metrics::KeptAtThreshold& first,
                         const metrics::KeptAtThreshold& other,
                         std::span<const metrics::KeptAtThreshold> replicas_of_first,
                         std::span<const metrics::KeptAtThreshold> replicas_of_other) {
  Estimates differences;
  for (const Quantity& quantity : quantities()) {
    if (quantity.at_threshold == nullptr) continue;
    const double value = metrics::difference(first, other, quantity.at_threshold);
    differences.add(
        quantity, {value, metrics::difference_interval(replicas_of_first, replicas_of_other, value,
                                                       quantity.at_threshold)});
  }
  return differences;
}

Json point_json(const ComparedRun& run, std::size_t index) {
  const TestedPoint& point = run.results.working_points[index];
  Json json{{"working_point", point.working_point}, {"threshold", point.threshold}};
  add_estimates(json, point.estimates);
  json["difference_to_first"] = nullptr;
  if (run.differences.empty()) return json;
  Json differences;
  add_estimates(differences, run.differences[index]);
  json["difference_to_first"] = std::move(differences);
  return json;
}

Json run_json(const ComparedRun& run) {
  Json json{{"name", run.name}, {"folder", run.folder.string()}};
  for (const auto& [key, value] : run.summary) json["summary"][key] = value;
  json["events"] = run.results.n_events;
  json["hits"] = run.results.n_hits;
  json["same_events_as_first"] = run.same_events;
  add_estimates(json, run.results.estimates);
  json["working_points"] = Json::array();
  for (std::size_t i = 0; i < run.results.working_points.size(); ++i)
    json["working_points"].push_back(point_json(run, i));
  return json;
}

std::string run_comparison_json(const RunComparison& comparison) {
  Json json{{"confidence_level", metrics::confidence_level},
            {"runs", Json::array()},
            {"settings", Json::array()}};
  for (const ComparedRun& run : comparison.runs) json["runs"].push_back(run_json(run));
  for (const ComparedSetting& setting : comparison.settings)
    json["settings"].push_back({{"key", setting.key}, {"values", setting.values}});
  return json.dump(2) + "\n";
}

}  // namespace

PointCounts count_points(const metrics::ScoredSample& sample,
                         const std::vector<double>& working_points) {
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  PointCounts counts;
  std::vector<metrics::ThresholdRule> rules;
  for (const double working_point : working_points) {
    counts.thresholds.push_back(ranked.working_point_threshold(working_point));
    rules.push_back({working_point, {}});
  }
  counts.kept = metrics::count_kept(sample, counts.thresholds);
  counts.replicas =
      metrics::count_replicas(sample, metrics::draw_replicas(sample.n_events()), rules);
  counts.curve = metrics::operating_points(ranked);
  return counts;
}

std::vector<Estimates> paired_differences(const PointCounts& first, const PointCounts& other) {
  assert(first.kept.size() == other.kept.size());
  std::vector<Estimates> differences;
  for (std::size_t i = 0; i < first.kept.size(); ++i) {
    assert(first.kept[i].n_events == other.kept[i].n_events);
    differences.push_back(differences_at(first.kept[i], other.kept[i], first.replicas.of_rule(i),
                                         other.replicas.of_rule(i)));
  }
  return differences;
}

bool have_same_events(const metrics::ScoredSample& first, const metrics::ScoredSample& other) {
  return first.event_number == other.event_number && first.event_offsets == other.event_offsets &&
         first.muon_offsets == other.muon_offsets && first.truth_link == other.truth_link &&
         first.technology == other.technology && first.muon_pt == other.muon_pt;
}

void write_run_comparison(const RunComparison& comparison, const std::filesystem::path& folder,
                          const core::Logger& logger) {
  core::make_folder(folder / "plots");
  core::write_text_file(folder / "compare.md", run_comparison_markdown(comparison));
  core::write_text_file(folder / "compare.json", run_comparison_json(comparison));
  const auto figures = write_run_comparison_figures(comparison, folder / "plots", logger);
  core::write_text_file(folder / "compare.html", run_comparison_html(comparison, folder, figures));
}

}  // namespace stationhit::evaluation
