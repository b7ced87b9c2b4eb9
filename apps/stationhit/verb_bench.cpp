// stationhit bench MODEL --input DATA: the scores of an ONNX file against those of its checkpoint,
// then latency.
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/core/output_target.hpp>
#include <stationhit/workflow/benchmark_model.hpp>

#include "frame/allow_unfinished.hpp"
#include "frame/backend_option.hpp"
#include "frame/choice.hpp"
#include "frame/model_argument.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_passes = 1'000'000;  // the time of every call is kept

struct Options {
  workflow::BenchmarkOptions benchmark;
  fs::path output;
};

void print(const fs::path& model, const workflow::ScoreComparison& comparison) {
  std::printf("scores of %s and %s: largest difference %.2g over %zu hits\n", model.c_str(),
              comparison.with.c_str(), comparison.difference.largest_absolute,
              comparison.difference.compared);
}

void print_row(const char* name, const inference::Percentiles& p) {
  std::printf("  %-12s %8.3f %8.3f %8.3f %8.3f %8.3f\n", name, p.p50, p.p90, p.p99, p.max, p.mean);
}

void print(const fs::path& model, const std::string& backend,
           const inference::LatencyReport& report) {
  std::printf("%s by %s, %u thread%s: %.1f events/s over %zu calls\n  %-12s %8s %8s %8s %8s %8s\n",
              model.c_str(), backend.c_str(), report.threads, report.threads == 1 ? "" : "s",
              report.events_per_s, report.calls, "ms/event", "p50", "p90", "p99", "max", "mean");
  print_row("preparation", report.preparation);
  print_row("network", report.network);
  print_row("total", report.total);
}

void print_ratio(const fs::path& model, const fs::path& other,
                 const inference::LatencyReport& first, const inference::LatencyReport& second) {
  std::printf("ratio %s / %s, %u thread%s: %.3f (median of total), %.3f (events/s)\n",
              other.c_str(), model.c_str(), first.threads, first.threads == 1 ? "" : "s",
              second.total.p50 / first.total.p50, second.events_per_s / first.events_per_s);
}

void print(const workflow::BenchmarkResult& result) {
  std::printf("%zu events of %s, %.0f hits each\n", result.events, result.input.c_str(),
              static_cast<double>(result.hits) / static_cast<double>(result.events));
  if (result.checkpoint) print(result.model, *result.checkpoint);
  if (result.other_model && result.other_model->checked) print(result.model, *result.other_model);
  for (const auto& [model, other] : result.latency) {
    print(result.model, result.backend, model);
    if (!other) continue;
    print(result.other_model->with, result.other_model->backend, *other);
    print_ratio(result.model, result.other_model->with, model, *other);
  }
}

fs::path report_file(const Options& options) {
  const fs::path& model = options.benchmark.model;
  return options.output.empty() ? model.parent_path() / (model.stem().string() + ".bench.json")
                                : options.output;
}

void run_bench(const Program& program, Options options) {
  const auto ending = program.allow_ending("stopped: no report is written\n");
  require_no_ntuple(options.benchmark.model, "stationhit bench MODEL.onnx --input DATA");
  options.benchmark.threads = program.options.threads.value_or(0);
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
  verb->add_option("model", options->benchmark.model, "ONNX file")->required();
  verb->add_option("--input", options->benchmark.input, "ROOT ntuple or folder of a prepared split")
      ->required();
  verb->add_option("--tree", options->benchmark.tree,
                   "Name of the tree of an ntuple, with its folder if it has one")
      ->capture_default_str();
  add_choice(*verb, "--backend", options->benchmark.backend, backend_meaning);
  auto* compare =
      verb->add_option("--compare", options->benchmark.other_model,
                       "Second ONNX file of the same network, or the same one with another "
                       "backend: both run in turn, the ratio is printed");
  add_choice(*verb, "--compare-backend", options->benchmark.other_backend,
             "Backend of the second file")
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
  add_threads_option(*verb, program, "Threads of the second measurement; all cores if not given");
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
