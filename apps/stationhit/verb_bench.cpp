// stationhit bench MODEL --input DATA: the scores of an ONNX file against those of its checkpoint,
// then latency.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/workflow/event_input.hpp>
#include <stationhit/workflow/logit_difference.hpp>

#include "frame/verbs.hpp"
#ifdef STATIONHIT_WITH_TORCH
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/scoring.hpp>
#endif

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;
using inference::LatencyReport;
using nlohmann::ordered_json;

struct BenchOptions {
  fs::path model, input, compare, checkpoint, output;
  std::uint64_t events = 50;
  std::size_t warmup = 3, repetitions = 5;
  double tolerance = workflow::backend_tolerance;
};

void require_agreement(const workflow::LogitDifference& difference, double tolerance,
                       const std::string& a, const std::string& b) {
  std::printf("scores of %s and %s: largest difference %.2g over %zu hits\n", a.c_str(), b.c_str(),
              difference.largest_absolute, difference.compared);
  if (difference.largest_relative <= tolerance) return;
  throw core::DataError(a + " and " + b +
                        " give different scores: " + core::to_text(difference.largest_relative) +
                        " max(1, |logit|) apart, more than " + core::to_text(tolerance) +
                        "; compare files of the same network, or allow more with --tolerance");
}

#ifdef STATIONHIT_WITH_TORCH
workflow::LogitDifference compare_with_checkpoint(const HitClassifier& classifier,
                                                  const fs::path& checkpoint,
                                                  const std::vector<core::Event>& events) {
  training::LoadedNetwork loaded = training::load_network(checkpoint);
  const auto labeled = features::label_events(std::make_unique<core::MemoryReader>(events),
                                              loaded.metadata.graph, loaded.metadata.feature_names);
  workflow::LogitDifference difference;
  auto event = events.begin();
  training::score_events(*loaded.network, *labeled, [&](const training::ScoredEvent& scored) {
    difference.add(classifier.scores(*event++), scored.hit_scores);
    return true;
  });
  return difference;
}

void check_against_checkpoint(const Program& program, const BenchOptions& options,
                              const HitClassifier& classifier,
                              const std::vector<core::Event>& events, ordered_json& report) {
  const fs::path beside = options.model.parent_path() / "best.safetensors";
  const fs::path checkpoint =
      options.checkpoint.empty() && fs::exists(beside) ? beside : options.checkpoint;
  if (checkpoint.empty())
    return program.log().info(
        "no checkpoint beside the model: its scores are not compared with those of a network");
  const workflow::LogitDifference difference =
      compare_with_checkpoint(classifier, checkpoint, events);
  report["checkpoint"] = {{"path", checkpoint.string()},
                          {"largest_difference", difference.largest_absolute},
                          {"hits", difference.compared}};
  require_agreement(difference, options.tolerance, options.model.string(), checkpoint.string());
}
#endif

workflow::LogitDifference compare_models(const HitClassifier& a, const HitClassifier& b,
                                         const std::vector<core::Event>& events) {
  workflow::LogitDifference difference;
  for (const core::Event& event : events) difference.add(a.scores(event), b.scores(event));
  return difference;
}

bool is_int8(const HitClassifier& classifier) {
  return !classifier.model().metadata().quantization_json.empty();
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
          {"session_ms", to_json(report.session)}};
}

void print_row(const char* name, const inference::Percentiles& p) {
  std::printf("  %-12s %8.3f %8.3f %8.3f %8.3f %8.3f\n", name, p.p50, p.p90, p.p99, p.max, p.mean);
}

void print(const std::string& title, const LatencyReport& report) {
  std::printf("%s, %u thread%s: %.1f events/s over %zu calls\n  %-12s %8s %8s %8s %8s %8s\n",
              title.c_str(), report.threads, report.threads == 1 ? "" : "s", report.events_per_s,
              report.calls, "ms/event", "p50", "p90", "p99", "max", "mean");
  print_row("preparation", report.preparation);
  print_row("session", report.session);
  print_row("total", report.total);
}

void measure_one(const HitClassifier& classifier, const std::vector<core::Event>& events,
                 const BenchOptions& options, const std::vector<unsigned>& thread_counts,
                 ordered_json& report) {
  for (const unsigned threads : thread_counts) {
    const LatencyReport latency = inference::measure_latency(
        classifier, events, {options.warmup, options.repetitions, threads});
    print(options.model.string(), latency);
    report["latency"].push_back(to_json(latency));
  }
}

void measure_two(const HitClassifier& a, const HitClassifier& b,
                 const std::vector<core::Event>& events, const BenchOptions& options,
                 const std::vector<unsigned>& thread_counts, ordered_json& report) {
  for (const unsigned threads : thread_counts) {
    const auto [first, second] = inference::measure_interleaved(
        a, b, events, {options.warmup, options.repetitions, threads});
    print(options.model.string(), first);
    print(options.compare.string(), second);
    std::printf("ratio %s / %s, %u threads: %.3f (median of total), %.3f (events/s)\n",
                options.compare.c_str(), options.model.c_str(), threads,
                second.total.p50 / first.total.p50, second.events_per_s / first.events_per_s);
    report["latency"].push_back(to_json(first));
    report["latency_compare"].push_back(to_json(second));
  }
}

void run_bench(const Program& program, const BenchOptions& options) {
  Program::end_on_signals();
  const HitClassifier classifier(options.model);
  const std::vector<core::Event> events = workflow::read_events(options.input, options.events);
  std::size_t hits = 0;
  for (const core::Event& event : events) hits += event.hits.size();
  std::printf("%zu events of %s, %.0f hits each\n", events.size(), options.input.c_str(),
              static_cast<double>(hits) / static_cast<double>(events.size()));
  ordered_json report{{"model", options.model.string()},
                      {"input", options.input.string()},
                      {"events", events.size()},
                      {"hits", hits},
                      {"version", core::version()}};
#ifdef STATIONHIT_WITH_TORCH
  check_against_checkpoint(program, options, classifier, events, report);
#else
  if (!options.checkpoint.empty())
    throw core::UsageError("--checkpoint needs a build with Torch (STATIONHIT_WITH_TORCH=ON)");
#endif
  std::vector<unsigned> thread_counts{1};
  const unsigned all = core::resolve_threads(program.options.threads.value_or(0));
  if (all > 1) thread_counts.push_back(all);
  if (options.compare.empty()) {
    measure_one(classifier, events, options, thread_counts, report);
  } else {
    const HitClassifier other(options.compare);
    const workflow::LogitDifference difference = compare_models(classifier, other, events);
    report["compare"] = {{"path", options.compare.string()},
                         {"largest_difference", difference.largest_absolute},
                         {"hits", difference.compared}};
    if (is_int8(classifier) || is_int8(other)) {
      program.log().info("int8: scores " + core::to_text(difference.largest_absolute) +
                         " apart at the most, which is not checked");
    } else {
      require_agreement(difference, options.tolerance, options.model.string(),
                        options.compare.string());
    }
    measure_two(classifier, other, events, options, thread_counts, report);
  }
  const fs::path output =
      options.output.empty()
          ? options.model.parent_path() / (options.model.stem().string() + ".bench.json")
          : options.output;
  core::write_text_file(output, report.dump(2) + "\n");
  program.log().info("written: " + output.string());
}

}  // namespace

void add_bench(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("bench", "Check the scores of an ONNX file and measure its latency");
  auto options = std::make_shared<BenchOptions>();
  add_output_options(*verb, program);
  verb->add_option("model", options->model, "ONNX file")->required();
  verb->add_option("--input", options->input, "ROOT ntuple or folder of a prepared split")
      ->required();
  verb->add_option("--compare", options->compare,
                   "Second ONNX file of the same network: both run in turn, the ratio is printed");
  verb->add_option(
      "--checkpoint", options->checkpoint,
      "Checkpoint to compare the scores with; best.safetensors beside the model if not given");
  verb->add_option("--tolerance", options->tolerance,
                   "Largest difference of scores, in units of max(1, |logit|)")
      ->capture_default_str();
  verb->add_option("--events", options->events, "Events to take from the input")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--warmup", options->warmup, "Calls before the clock runs, per thread")
      ->capture_default_str();
  verb->add_option("--repetitions", options->repetitions, "Passes over the events")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--threads", program.options.threads,
                   "Threads of the second measurement; all cores if not given");
  verb->add_option("-o,--output", options->output,
                   "Report; MODEL.bench.json beside the model if not given");
  verb->callback([&program, options] { run_bench(program, *options); });
}

}  // namespace stationhit::app
