// stationhit bench MODEL --input DATA: the scores of an ONNX file against those of its checkpoint,
// then latency, stage by stage, and events per second.
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/benchmark_model.hpp>

#include "allocation_count.hpp"
#include "frame/allow_unfinished.hpp"
#include "frame/backend_option.hpp"
#include "frame/choice.hpp"
#include "frame/model_argument.hpp"
#include "frame/model_library.hpp"
#include "frame/verbs.hpp"
#include "print_percentiles.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_passes = 1'000'000;  // the time of every call is kept

struct Options {
  workflow::BenchmarkOptions benchmark;
  fs::path output;
};

double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1U << 20U); }

void print(const workflow::BenchmarkMachine& machine) {
  const std::string& runtime = machine.onnxruntime_version;
  std::printf("%s, %u core%s (%s)\nstationhit %s (%s), %s\n",
              machine.processor.empty() ? "processor not known" : machine.processor.c_str(),
              machine.cores, machine.cores == 1 ? "" : "s",
              core::join(machine.instruction_sets, " ").c_str(), machine.version.c_str(),
              machine.git_commit.c_str(),
              runtime.empty() ? "no ONNX Runtime" : ("ONNX Runtime " + runtime).c_str());
}

void print(const fs::path& model, const workflow::ScoreComparison& comparison) {
  std::printf("scores of %s and %s: largest difference %.2g, rms %.2g over %zu hits%s\n",
              model.c_str(), comparison.with.c_str(), comparison.difference.largest_absolute,
              comparison.difference.rms(), comparison.difference.compared,
              comparison.checked ? "" : " (reduced precision, not checked)");
  if (!comparison.other_side) return;
  std::printf("hits on the other side of the cut: %zu of %zu\n", *comparison.other_side,
              comparison.difference.compared);
}

void print_operations(const std::vector<inference::StepTimes>& steps, double network) {
  std::printf("  %8s %8s %7s  operation of the network\n", "p50", "p99", "share");
  for (const auto& [step, ms] : steps) {
    std::printf("  %8.3f %8.3f %5.1f %%  %s: %s\n", ms.p50, ms.p99, 100 * ms.mean / network,
                step.stage.c_str(), step.text.c_str());
  }
}

void print_memory(const workflow::ModelProfile& profile) {
  if (const auto& memory = profile.memory) {
    std::printf("  weights %.2f MiB, workspace of a thread %.2f MiB\n", mebibytes(memory->weights),
                mebibytes(memory->workspaces));
  }
  if (const auto& count = profile.events.allocations) {
    std::printf("  allocations per event: %.1f (preparation %.1f, network %.1f)\n", count->total,
                count->preparation, count->network);
  }
}

// What one model does on one thread.
void print(const fs::path& model, const std::string& backend, const workflow::ModelProfile& profile,
           const inference::LatencyReport& report) {
  const inference::EventProfile& events = profile.events;
  std::printf("\n%s (XXH3 %s) by %s, one thread\n", model.c_str(), profile.file_hash.c_str(),
              backend.c_str());
  print_percentiles_head();
  print_percentiles("nodes", events.nodes);
  print_percentiles("features", events.features);
  print_percentiles("tables", events.tables);
  print_percentiles("network", events.network);
  print_percentiles("scores", events.scores);
  print_percentiles("preparation", report.preparation);
  print_percentiles("total", report.total);
  if (!events.steps.empty()) print_operations(events.steps, events.network.mean);
  print_memory(profile);
}

void print_rate(const inference::LatencyReport& report, double one_thread) {
  std::printf("  %7u %10.1f %7.2f %9.3f %9.3f", report.threads, report.events_per_s,
              report.events_per_s / one_thread, report.total.p50, report.total.p99);
}

// Events side by side.
void print_rates(const workflow::BenchmarkResult& result) {
  std::printf("\n  %7s %10s %7s %9s %9s %9s\n", "threads", "events/s", "speedup", "p50 ms",
              "p99 ms", "peak MiB");
  for (const auto& [model, other, peak] : result.latency) {
    print_rate(model, result.latency.front().model.events_per_s);
    std::printf(" %9.0f\n", mebibytes(peak));
    if (!other) continue;
    print_rate(*other, result.latency.front().other_model->events_per_s);
    std::printf("  %s by %s\n", result.other_model->with.c_str(),
                result.other_model->backend.c_str());
  }
  std::printf("  %.0f MiB are resident before, with the events and all models\n",
              mebibytes(result.memory_before));
}

void print_ratio(const fs::path& model, const fs::path& other,
                 const inference::LatencyReport& first, const inference::LatencyReport& second) {
  std::printf("ratio %s / %s, %u thread%s: %.3f (median of total), %.3f (events/s)\n",
              other.c_str(), model.c_str(), first.threads, first.threads == 1 ? "" : "s",
              second.total.p50 / first.total.p50, second.events_per_s / first.events_per_s);
}

void print(const workflow::BenchmarkResult& result) {
  print(result.machine);
  std::printf("%zu events of %s, %.0f hits each, read in %.3f ms (p50; mean %.3f)\n", result.events,
              result.input.c_str(),
              static_cast<double>(result.hits) / static_cast<double>(result.events),
              result.reading.p50, result.reading.mean);
  if (result.checkpoint) print(result.model, *result.checkpoint);
  const auto& other = result.other_model;
  if (other) print(result.model, *other);
  const workflow::LatencyMeasurement& one_thread = result.latency.front();
  print(result.model, result.backend + " in " + result.precision, result.profile, one_thread.model);
  if (other) {
    print(other->with, other->backend + " in " + other->precision, *result.other_profile,
          *one_thread.other_model);
  }
  print_rates(result);
  if (!other) return;
  for (const auto& [first, second, peak] : result.latency)
    print_ratio(result.model, other->with, first, *second);
}

fs::path report_file(const Options& options) {
  const fs::path& model = options.benchmark.model;
  return options.output.empty() ? folder_of_results(model) / (result_stem(model) + ".bench.json")
                                : options.output;
}

void run_bench(const Program& program, Options options) {
  const auto ending = program.allow_ending("stopped: no report is written\n");
  for (fs::path* model : {&options.benchmark.model, &options.benchmark.other_model})
    if (!model->empty()) *model = find_model(*model);
  require_no_ntuple(options.benchmark.model, "stationhit bench MODEL.onnx --input DATA");
  options.benchmark.threads = program.options.threads.value_or(0);
  options.benchmark.count_allocations = allocation_count();
  const fs::path report = report_file(options);
  const workflow::BenchmarkOptions& benchmark = options.benchmark;
  core::require_no_input(
      report, {benchmark.model, benchmark.input, benchmark.other_model, benchmark.checkpoint});
  core::require_output_file(report);
  core::require_same_kind(report, core::FileKind::bench_report);
  const auto result = workflow::benchmark_model(benchmark, program);
  if (!result) return;
  print(*result);
  workflow::write_benchmark(*result, report);
  program.log().info("written: " + report.string());
}

}  // namespace

void add_bench(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("bench", "Check the scores of an ONNX file and measure its latency");
  auto options = std::make_shared<Options>();
  add_output_options(*verb, program);
  add_model_option(*verb, "model", options->benchmark.model, model_meaning)->required();
  verb->add_option("--input", options->benchmark.input, "ROOT ntuple or folder of a prepared split")
      ->required();
  verb->add_option("--tree", options->benchmark.tree,
                   "Name of the tree of an ntuple, with its folder if it has one")
      ->capture_default_str();
  add_choice(*verb, "--backend", options->benchmark.backend, backend_meaning);
  add_choice(*verb, "--precision", options->benchmark.precision, precision_meaning);
  auto* compare =
      add_model_option(*verb, "--compare", options->benchmark.other_model,
                       "Second ONNX file of the same network, or the same one with another "
                       "backend: both run in turn, the ratio is printed");
  add_choice(*verb, "--compare-backend", options->benchmark.other_backend,
             "Backend of the second file")
      ->needs(compare);
  add_choice(*verb, "--compare-precision", options->benchmark.other_precision,
             "Precision of the second file")
      ->needs(compare);
  verb->add_option(
      "--checkpoint", options->benchmark.checkpoint,
      "Checkpoint to compare the scores with; best.safetensors beside the model if not given");
  verb->add_option("--tolerance", options->benchmark.tolerance,
                   "Largest difference of scores, in units of max(1, |logit|)")
      ->check(not_negative())
      ->capture_default_str();
  verb->add_option("--events", options->benchmark.events, "Events to take from the input")
      ->check(positive_number())
      ->capture_default_str();
  verb->add_option("--warmup", options->benchmark.warmup, "Calls before the clock runs, per thread")
      ->check(integer_between(0, most_passes))
      ->capture_default_str();
  verb->add_option("--repetitions", options->benchmark.repetitions, "Passes over the events")
      ->check(integer_between(1, most_passes))
      ->capture_default_str();
  add_threads_option(*verb, program,
                     "Most threads that are measured, after 1, 2, 4, ...; all cores if not given");
  verb->add_option("-o,--output", options->output,
                   "Report; MODEL.bench.json beside the model if not given");
  verb->add_flag_callback(
      "--allow-modified",
      [options] { options->benchmark.changed_model = onnx_file::ChangedModel::accept; },
      "Accept a model that was edited after it was exported");
  add_allow_unfinished(*verb, options->benchmark.unfinished);
  verb->callback([&program, options] { run_bench(program, *options); });
}

}  // namespace stationhit::app
