// stationhit export -c RUN.yaml: checkpoint -> ONNX file, checked against the network before it
// gets its name.
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/workflow/export_checkpoint.hpp>

#include "export_int8.hpp"
#include "frame/choice.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  workflow::ExportOptions file;
  bool quantize = false;
  std::uint64_t latency_events = 50;
};

void print(const workflow::ExportedModel& model) {
  if (model.difference) {
    std::printf(
        "ONNX Runtime and the network agree: largest difference %.2g over %zu nodes of %zu "
        "events\n",
        model.difference->largest_absolute, model.difference->compared, model.difference->events);
  }
  std::printf("%s: %s of %s, %ju bytes, working points", model.file.c_str(),
              model.architecture.c_str(), model.checkpoint.c_str(),
              static_cast<std::uintmax_t>(fs::file_size(model.file)));
  for (const auto& [point, threshold] : model.thresholds)
    std::printf(" %s: %.4f", point.c_str(), static_cast<double>(threshold));
  std::printf("\n");
}

void run_export(const Program& program, Options options) {
  if (options.quantize) require_int8_support();
  const auto run = load_run(program);
  const auto model = workflow::export_checkpoint(
      run, options.file, {program.options.config_file, program.options.debug}, program);
  if (!model) return;
  print(*model);
  if (!options.quantize) return;
  const bool edges = options.file.interface == exporter::Interface::edges;
  const char* folder = edges ? "onnx_benchmarking_edges" : "onnx_benchmarking";
  export_int8(program, run, model->file, model->file.parent_path() / folder,
              options.latency_events);
}

}  // namespace

void add_export(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("export", "Write a trained network as an ONNX file");
  auto options = std::make_shared<Options>();
  add_common_options(*verb, program);
  verb->add_option("-o,--output", options->file.output,
                   "ONNX file to write; model.onnx (interface edges: model_edges.onnx) beside the "
                   "checkpoint if not given");
  add_choice(*verb, "--interface", options->file.interface,
             "How the file takes the graph: table (fast) or edges (edge_index, for programs that "
             "give a list)",
             {"table", "edges"});
  verb->add_option("--events", options->file.events,
                   "Events of test_path on which the file is compared with the network")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_flag("-q,--quantize,--quantise", options->quantize,
                 "Also write an int8 model (keys quantization.*) and compare both on test_path: "
                 "onnx_benchmarking/ beside the file");
  verb->add_option("--latency-events", options->latency_events,
                   "With -q: events of test_path on which both models are timed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->callback([&program, options] { run_export(program, *options); });
}

}  // namespace stationhit::app
