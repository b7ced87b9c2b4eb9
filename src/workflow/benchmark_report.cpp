#include <nlohmann/json.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/benchmark_model.hpp>

namespace stationhit::workflow {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const ScoreComparison& comparison) {
  ordered_json json{{"path", comparison.with.string()},
                    {"backend", comparison.backend},
                    {"precision", comparison.precision},
                    {"largest_difference", comparison.difference.largest_absolute},
                    {"rms_difference", comparison.difference.rms()},
                    {"hits", comparison.difference.compared}};
  if (comparison.other_side) json["hits_on_the_other_side_of_the_cut"] = *comparison.other_side;
  return json;
}

ordered_json to_json(const inference::Percentiles& p) {
  return {{"p50", p.p50}, {"p90", p.p90},   {"p99", p.p99},
          {"max", p.max}, {"mean", p.mean}, {"n", p.n}};
}

ordered_json to_json(const inference::LatencyReport& report, std::uint64_t peak_memory) {
  return {{"threads", report.threads},
          {"calls", report.calls},
          {"events_per_s", report.events_per_s},
          {"peak_memory", peak_memory},
          {"total_ms", to_json(report.total)},
          {"preparation_ms", to_json(report.preparation)},
          {"network_ms", to_json(report.network)}};
}

ordered_json to_json(const BenchmarkMachine& machine) {
  return {{"processor", machine.processor},
          {"cores", machine.cores},
          {"instruction_sets", machine.instruction_sets}};
}

ordered_json to_json(const ModelProfile& profile) {
  const inference::EventProfile& events = profile.events;
  ordered_json json{
      {"file_xxh3_64", profile.file_hash},       {"nodes_ms", to_json(events.nodes)},
      {"features_ms", to_json(events.features)}, {"tables_ms", to_json(events.tables)},
      {"network_ms", to_json(events.network)},   {"scores_ms", to_json(events.scores)}};
  for (const auto& [step, ms] : events.steps) {
    json["operations"].push_back(
        {{"stage", step.stage}, {"operation", step.text}, {"ms", to_json(ms)}});
  }
  if (events.allocations) {
    json["allocations_per_event"] = {{"preparation", events.allocations->preparation},
                                     {"network", events.allocations->network},
                                     {"total", events.allocations->total}};
  }
  if (profile.memory) {
    json["weight_bytes"] = profile.memory->weights;
    json["workspace_bytes"] = profile.memory->workspaces;
  }
  return json;
}

}  // namespace

void write_benchmark(const BenchmarkResult& result, const std::filesystem::path& path) {
  ordered_json report{{"model", result.model.string()},
                      {"backend", result.backend},
                      {"precision", result.precision},
                      {"input", result.input.string()},
                      {"events", result.events},
                      {"hits", result.hits},
                      {"version", result.machine.version},
                      {"git_commit", result.machine.git_commit},
                      {"onnxruntime_version", result.machine.onnxruntime_version},
                      {"machine", to_json(result.machine)},
                      {"reading_ms", to_json(result.reading)}};
  if (result.checkpoint) report["checkpoint"] = to_json(*result.checkpoint);
  if (result.other_model) report["compare"] = to_json(*result.other_model);
  report["profile"] = to_json(result.profile);
  if (result.other_profile) report["profile_compare"] = to_json(*result.other_profile);
  report["memory_before"] = result.memory_before;
  for (const LatencyMeasurement& measurement : result.latency) {
    report["latency"].push_back(to_json(measurement.model, measurement.peak_memory));
    if (measurement.other_model) {
      report["latency_compare"].push_back(
          to_json(*measurement.other_model, measurement.peak_memory));
    }
  }
  core::write_text_file(path, report.dump(2) + "\n");
}

}  // namespace stationhit::workflow
