// The answers are compared before anything is timed: first with the network of the checkpoint, then
// with the other model. Two models are timed in turn, because only their ratio means something on a
// busy machine.
#include <array>
#include <numeric>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/workflow/benchmark_model.hpp>
#include <stationhit/workflow/event_input.hpp>

#include "checkpoint_scores.hpp"
#include "load_model.hpp"
#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;
using inference::LatencyReport;
using nlohmann::ordered_json;

std::size_t count_hits(const std::vector<core::Event>& events) {
  return std::accumulate(
      events.begin(), events.end(), std::size_t{0},
      [](std::size_t sum, const core::Event& event) { return sum + event.hits.size(); });
}

void require_agreement(const ScoreComparison& comparison, const BenchmarkOptions& options) {
  const double difference = comparison.difference.largest_relative;
  if (!comparison.checked || difference <= options.tolerance) return;
  throw core::DataError(
      options.model.string() + " and " + comparison.with.string() +
      " give different scores: " + core::to_text(difference) +
      " max(1, |logit|) apart, more than " + core::to_text(options.tolerance) +
      "; compare files of the same network (a checkpoint that was trained again needs "
      "a new export), or allow more with --tolerance");
}

std::string backend_of(const HitClassifier& classifier) {
  return std::string(core::name(classifier.model().backend()));
}

bool is_int8(const HitClassifier& classifier) {
  return !classifier.model().metadata().quantization_json.empty();
}

ScoreComparison compare_models(const HitClassifier& a, const HitClassifier& b,
                               const std::vector<core::Event>& events,
                               const core::Observer& observer) {
  ScoreComparison comparison{b.model().path(), backend_of(b), {}, !is_int8(a) && !is_int8(b)};
  for (const core::Event& event : events) {
    if (observer.stop_requested()) break;
    comparison.difference.add(a.scores(event), b.scores(event));
    ++comparison.difference.events;
  }
  if (!comparison.checked) {
    observer.log().info("int8: scores " + core::to_text(comparison.difference.largest_absolute) +
                        " apart at the most, which is not checked");
  }
  return comparison;
}

std::vector<unsigned> thread_counts(unsigned threads) {
  const unsigned all = core::resolve_threads(threads);
  return all > 1 ? std::vector<unsigned>{1, all} : std::vector<unsigned>{1};
}

LatencyMeasurement measure(const HitClassifier& model, const std::optional<HitClassifier>& other,
                           const std::vector<core::Event>& events,
                           const inference::LatencyOptions& options) {
  if (!other) return {inference::measure_latency(model, events, options), std::nullopt};
  auto [first, second] = inference::measure_interleaved(model, *other, events, options);
  return {first, second};
}

ordered_json to_json(const ScoreComparison& comparison) {
  return {{"path", comparison.with.string()},
          {"backend", comparison.backend},
          {"largest_difference", comparison.difference.largest_absolute},
          {"hits", comparison.difference.compared}};
}

ordered_json to_json(const inference::Percentiles& p) {
  return {{"p50", p.p50}, {"p90", p.p90}, {"p99", p.p99}, {"max", p.max}, {"mean", p.mean}};
}

ordered_json to_json(const LatencyReport& report) {
  return {{"threads", report.threads},
          {"calls", report.calls},
          {"events_per_s", report.events_per_s},
          {"total_ms", to_json(report.total)},
          {"preparation_ms", to_json(report.preparation)},
          {"network_ms", to_json(report.network)}};
}

}  // namespace

std::optional<BenchmarkResult> benchmark_model(const BenchmarkOptions& options,
                                               const core::Observer& observer) {
  const std::vector<unsigned> threads_to_measure = thread_counts(options.threads);
  const HitClassifier model =
      load_model(options.model, options.backend, options.changed_model, observer.log());
  const NtupleAccess access{options.tree, options.unfinished};
  require_branches(options.input, read_missing_branches(options.input, access),
                   model.model().metadata().feature_names, model.model().graph());
  warn_of_unfinished(options.input, access, observer.log());
  const auto events = read_events(options.input, options.events, access);
  BenchmarkResult result{options.model,
                         options.input,
                         backend_of(model),
                         events.size(),
                         count_hits(events),
                         {},
                         {},
                         {}};
  result.checkpoint = compare_with_checkpoint(model, options.checkpoint, events, observer);
  if (observer.stop_requested()) return std::nullopt;
  if (result.checkpoint) require_agreement(*result.checkpoint, options);
  std::optional<HitClassifier> other;
  if (!options.other_model.empty()) {
    other = load_model(options.other_model, options.other_backend, options.changed_model,
                       observer.log());
    result.other_model = compare_models(model, *other, events, observer);
    if (observer.stop_requested()) return std::nullopt;
    require_agreement(*result.other_model, options);
  }
  for (const unsigned threads : threads_to_measure) {
    result.latency.push_back(
        measure(model, other, events, {options.warmup, options.repetitions, threads}));
    if (observer.stop_requested()) return std::nullopt;
  }
  return result;
}

void write_benchmark(const BenchmarkResult& result, const fs::path& path) {
  ordered_json report{{"model", result.model.string()},
                      {"backend", result.backend},
                      {"input", result.input.string()},
                      {"events", result.events},
                      {"hits", result.hits},
                      {"version", core::version()}};
  if (result.checkpoint) report["checkpoint"] = to_json(*result.checkpoint);
  if (result.other_model) report["compare"] = to_json(*result.other_model);
  for (const LatencyMeasurement& measurement : result.latency) {
    report["latency"].push_back(to_json(measurement.model));
    if (measurement.other_model)
      report["latency_compare"].push_back(to_json(*measurement.other_model));
  }
  core::write_text_file(path, report.dump(2) + "\n");
}

}  // namespace stationhit::workflow
