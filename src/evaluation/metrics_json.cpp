// Key and order follow the table of quantities, so a new quantity appears without a change here.
// Programs read this file; its keys are part of the interface.
#include <nlohmann/json.hpp>

#include "estimates_json.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using Json = nlohmann::ordered_json;

Json value_json(const Estimate& estimate) {
  return {
      {"value", estimate.value}, {"low", estimate.interval.low}, {"high", estimate.interval.high}};
}

void add_counts(Json& json, const metrics::Counts& counts) {
  json["true_positives"] = counts.true_positives;
  json["false_positives"] = counts.false_positives;
  json["true_negatives"] = counts.true_negatives;
  json["false_negatives"] = counts.false_negatives;
}

Json class_json(const std::vector<HitClassResult>& classes, const char* kind) {
  Json list = Json::array();
  for (const HitClassResult& of_class : classes) {
    Json json{{kind, of_class.name}, {"code", of_class.code}};
    add_estimates(json, of_class.estimates);
    add_counts(json, of_class.counts);
    list.push_back(std::move(json));
  }
  return list;
}

// Counts are written beside the ratios, so that samples can be pooled later.
void add_all_counts(Json& json, const metrics::KeptAtThreshold& kept) {
  for (const auto& [key, count] : counts_of_shares(kept)) json[key] = count;
  add_counts(json, kept.hits);
}

Json process_json(const std::vector<ProcessResult>& processes) {
  Json list = Json::array();
  for (const ProcessResult& process : processes) {
    Json json{{"process", process.name},
              {"mc_channel_number", process.mc_channel_number},
              {"events", process.kept.n_events}};
    add_estimates(json, process.estimates);
    add_all_counts(json, process.kept);
    list.push_back(std::move(json));
  }
  return list;
}

void add_classes(Json& json, const WorkingPointResult& point) {
  json["technologies"] = class_json(point.technologies, "technology");
  json["station_layers"] = class_json(point.station_layers, "station_layer");
  json["processes"] = process_json(point.processes);
}

Json working_point_json(const WorkingPointResult& point) {
  Json json{{"working_point", point.working_point}, {"threshold", point.threshold}};
  add_estimates(json, point.estimates);
  add_all_counts(json, point.kept);
  add_classes(json, point);
  return json;
}

// Nodes have neither muons nor segments of their own.
Json nodes_json(const NodeResult& nodes) {
  Json json{
      {"nodes", nodes.n_nodes}, {"true_nodes", nodes.n_true_nodes}, {"auc", value_json(nodes.auc)}};
  json["working_points"] = Json::array();
  for (const WorkingPointResult& point : nodes.working_points) {
    Json of_point{{"working_point", point.working_point}, {"threshold", point.threshold}};
    for (const char* key : {"efficiency", "purity", "rejection"})
      of_point[key] = value_json(point.estimates[key]);
    add_counts(of_point, point.kept.hits);
    json["working_points"].push_back(std::move(of_point));
  }
  return json;
}

}  // namespace

void add_estimates(Json& json, const Estimates& estimates) {
  for (const auto& [quantity, estimate] : estimates) json[quantity->key] = value_json(estimate);
}

std::string metrics_json(const EvaluationResult& result) {
  Json json{{"events", result.n_events},
            {"hits", result.n_hits},
            {"true_hits", result.n_true_hits},
            {"muons", result.n_muons},
            {"confidence_level", metrics::confidence_level}};
  if (!result.checkpoint.empty()) json["checkpoint"] = result.checkpoint;
  add_estimates(json, result.estimates);
  json["working_points"] = Json::array();
  json["validation_thresholds"] = Json::array();
  json["reference_threshold"] = result.reference_threshold;
  for (const auto& point : result.working_points)
    json["working_points"].push_back(working_point_json(point));
  for (const auto& point : result.validation_thresholds)
    json["validation_thresholds"].push_back(working_point_json(point));
  add_classes(json, result.at_reference());
  if (result.nodes) json["per_node"] = nodes_json(*result.nodes);
  return json.dump(2) + "\n";
}

}  // namespace stationhit::evaluation
