// The answers are compared before anything is timed: first with the network of the checkpoint, then
// with the other model. Two models are timed in turn, because only their ratio means something on a
// busy machine.
#include <algorithm>
#include <chrono>
#include <numeric>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/inference/processor.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/tracking/machine.hpp>
#include <stationhit/workflow/benchmark_model.hpp>
#include <stationhit/workflow/event_input.hpp>

#include "checkpoint_scores.hpp"
#include "load_model.hpp"
#include "process_memory.hpp"
#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

using inference::HitClassifier;

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

bool is_float32(const HitClassifier& classifier) {
  return precision_of(classifier.model()) == "float32";
}

// The cut of the reference working point, if the file has thresholds.
std::optional<float> reference_cut(const HitClassifier& classifier) {
  const auto& thresholds = classifier.model().metadata().thresholds;
  if (thresholds.empty()) return std::nullopt;
  const double point = metrics::reference_point_of(metrics::working_points_of(thresholds));
  return classifier.threshold(core::to_text(point));
}

// Each file has its own cut.
std::size_t count_other_side(const std::vector<float>& scores, float cut,
                             const std::vector<float>& other_scores, float other_cut) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    n += (scores[i] > cut) != (other_scores[i] > other_cut) ? 1 : 0;
  return n;
}

ScoreComparison compare_models(const HitClassifier& a, const HitClassifier& b,
                               const std::vector<core::Event>& events,
                               const core::Observer& observer) {
  ScoreComparison comparison{.with = b.model().path(),
                             .backend = backend_of(b),
                             .precision = precision_of(b.model()),
                             .difference = {},
                             .checked = is_float32(a) && is_float32(b)};
  const std::optional<float> cut = reference_cut(a), other_cut = reference_cut(b);
  if (cut && other_cut) comparison.other_side = 0;
  for (const core::Event& event : events) {
    if (observer.stop_requested()) break;
    const std::vector<float> scores = a.scores(event), other_scores = b.scores(event);
    comparison.difference.add(scores, other_scores);
    ++comparison.difference.events;
    if (comparison.other_side)
      *comparison.other_side += count_other_side(scores, *cut, other_scores, *other_cut);
  }
  return comparison;
}

// 1, 2, 4, ... and the most.
std::vector<unsigned> thread_counts(unsigned threads) {
  const unsigned most = core::resolve_threads(threads);
  std::vector<unsigned> counts;
  for (unsigned count = 1; count < most; count *= 2) counts.push_back(count);
  counts.push_back(most);
  return counts;
}

struct TimedEvents {
  std::vector<core::Event> events;
  inference::Percentiles ms;
};

TimedEvents read_timed(const BenchmarkOptions& options, const NtupleAccess& access) {
  using Clock = std::chrono::steady_clock;
  TimedEvents read;
  std::vector<double> ms;
  auto start = Clock::now();
  for_each_event(
      options.input,
      [&](const core::Event& event) {
        ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        read.events.push_back(event);
        start = Clock::now();
        return read.events.size() < options.events;
      },
      access);
  require_events(read.events.size(), options.input);
  read.ms = inference::percentiles(std::move(ms));
  return read;
}

BenchmarkMachine describe_machine() {
  tracking::Machine machine = tracking::describe_machine();
  return {std::move(machine.processor),    machine.cores,
          inference::instruction_sets(),   std::string(core::version()),
          std::string(core::git_commit()), inference::onnxruntime_version()};
}

ModelProfile profile(const HitClassifier& model, const std::vector<core::Event>& events,
                     const BenchmarkOptions& options) {
  auto of_events =
      inference::profile_events(model, events, options.repetitions, options.count_allocations);
  return {inference::hash_model_file(model.model().path()), std::move(of_events),
          model.model().memory()};
}

LatencyMeasurement measure(const HitClassifier& model, const std::optional<HitClassifier>& other,
                           const std::vector<core::Event>& events,
                           const inference::LatencyOptions& options) {
  reset_peak_memory();
  LatencyMeasurement measured;
  if (other) {
    std::tie(measured.model, measured.other_model) =
        inference::measure_interleaved(model, *other, events, options);
  } else {
    measured.model = inference::measure_latency(model, events, options);
  }
  measured.peak_memory = read_process_memory().peak;
  return measured;
}

}  // namespace

std::optional<BenchmarkResult> benchmark_model(const BenchmarkOptions& options,
                                               const core::Observer& observer) {
  const std::vector<unsigned> threads_to_measure = thread_counts(options.threads);
  const HitClassifier model = load_model(
      options.model, {options.backend, options.precision, {.changed_model = options.changed_model}},
      observer.log());
  const NtupleAccess access{options.tree, options.unfinished};
  const auto missing = read_missing_branches(options.input, access);
  for (const data::MissingBranches& file : missing)
    if (std::ranges::find(file.branches, core::whole_events) != file.branches.end())
      throw core::DataError(options.input.string() +
                            ": an entry is one bucket, and times are those of events; give an "
                            "input with whole events");
  require_branches(options.input, missing, model.model().metadata().feature_names,
                   model.model().graph());
  warn_of_unfinished(options.input, access, observer.log());
  const auto [events, reading] = read_timed(options, access);
  BenchmarkResult result;
  result.model = options.model;
  result.input = options.input;
  result.backend = backend_of(model);
  result.precision = precision_of(model.model());
  result.events = events.size();
  result.hits = count_hits(events);
  result.machine = describe_machine();
  result.reading = reading;
  result.checkpoint = compare_with_checkpoint(model, options.checkpoint, events, observer);
  if (observer.stop_requested()) return std::nullopt;
  if (result.checkpoint) {
    result.checkpoint->checked = is_float32(model);
    require_agreement(*result.checkpoint, options);
  }
  std::optional<HitClassifier> other;
  if (!options.other_model.empty()) {
    other = load_model(
        options.other_model,
        {options.other_backend, options.other_precision, {.changed_model = options.changed_model}},
        observer.log());
    result.other_model = compare_models(model, *other, events, observer);
    if (observer.stop_requested()) return std::nullopt;
    require_agreement(*result.other_model, options);
  }
  result.profile = profile(model, events, options);
  if (other) result.other_profile = profile(*other, events, options);
  result.memory_before = read_process_memory().resident;
  for (const unsigned threads : threads_to_measure) {
    if (observer.stop_requested()) return std::nullopt;
    result.latency.push_back(
        measure(model, other, events, {options.warmup, options.repetitions, threads}));
  }
  if (observer.stop_requested()) return std::nullopt;
  return result;
}

}  // namespace stationhit::workflow
