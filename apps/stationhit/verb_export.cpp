// stationhit export -c RUN.yaml: checkpoint -> ONNX file, checked against the network before it
// gets its name; with -q also an int8 file, of this model or of one that exists.
#include <cstdio>
#include <filesystem>
#include <string_view>

#include <CLI/CLI.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>

#include "export_int8.hpp"
#include "frame/built_parts.hpp"
#include "frame/choice.hpp"
#include "frame/model_argument.hpp"
#include "frame/model_library.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  workflow::ExportOptions file;
  bool quantize = false;
  Int8Options int8;  // a model in it is quantized instead of the checkpoint
};

void print_agreement(const metrics::LogitDifference& difference) {
  const bool by_onnx_runtime = std::string_view(built_parts.onnx_runtime) != "no";
  std::printf(
      "%s agree: largest difference %.2g over %zu nodes of %zu events\n",
      by_onnx_runtime ? "ONNX Runtime, the engine and the network" : "The engine and the network",
      difference.largest_absolute, difference.compared, difference.events);
}

void print_file(const workflow::ExportedModel& model) {
  std::printf("%s: %s of %s, %ju bytes, working points", model.file.c_str(),
              model.architecture.c_str(), model.checkpoint.c_str(),
              static_cast<std::uintmax_t>(fs::file_size(model.file)));
  for (const auto& [point, threshold] : model.thresholds)
    std::printf(" %s: %.4f", point.c_str(), static_cast<double>(threshold));
  std::printf("\n");
}

std::optional<workflow::ExportedModel> export_model(const Program& program,
                                                    const config::RunConfig& run,
                                                    const workflow::ExportOptions& options) {
  auto model = workflow::export_checkpoint(
      run, options, {program.options.config_file, program.options.debug}, program);
  if (!model) return model;
  if (model->difference) print_agreement(*model->difference);
  if (program.options.debug)
    program.log().info("debug run: no ONNX file is written");
  else
    print_file(*model);
  return model;
}

void run_export(const Program& program, Options options) {
  if (options.quantize) require_int8_support();
  if (options.quantize && exporter::is_fused(options.file.interface)) {
    throw core::UsageError("--interface " + std::string(core::name(options.file.interface)) +
                           " has no operators that could become int8; export -q takes table or "
                           "edges");
  }
  const auto run = load_run(
      program, options.quantize ? config::RunPurpose::quantization : config::RunPurpose::exporting);
  if (!options.int8.model.empty()) {
    options.int8.model = find_model(options.int8.model);
    return export_int8(program, run, options.int8);
  }
  const auto model = export_model(program, run, options.file);
  if (!model || !options.quantize) return;
  options.int8.model = model->file;
  export_int8(program, run, options.int8);
}

}  // namespace

void add_export(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("export", "Write a trained network as an ONNX file");
  auto options = std::make_shared<Options>();
  add_common_options(*verb, program);
  verb->add_option(
      "-o,--output", options->file.output,
      "ONNX file to write; model.onnx (other interfaces: model_edges.onnx, ...) beside "
      "the checkpoint if not given");
  add_choice(*verb, "--interface", options->file.interface,
             "How the file takes the graph: table (fast) or edges (edge_index, for programs that "
             "give a list); fused and fused_edges take the same inputs and need the library "
             "libstationhit_ops.so in ONNX Runtime");
  verb->add_option("--events", options->file.events,
                   "Events of test_path on which the file is compared with the network")
      ->check(positive_number())
      ->capture_default_str();
  verb->add_option("--license", options->file.card.license,
                   "License of the model, for its card (inspect MODEL --card)");
  verb->add_option("--intended-use", options->file.card.intended_use,
                   "What the model is for, for its card");
  verb->add_option("--limits", options->file.card.limits,
                   "What the model is not for, for its card");
  CLI::Option* quantize = verb->add_flag(
      "-q,--quantize,--quantise", options->quantize,
      "Also write an int8 model (keys quantization.*) and compare both on test_path: "
      "onnx_benchmarking/ beside the file");
  verb->add_option("--latency-events", options->int8.latency_events,
                   "With -q: events of test_path on which both models are timed")
      ->needs(quantize)
      ->check(positive_number())
      ->capture_default_str();
  CLI::Option* model =
      add_model_option(*verb, "--model", options->int8.model,
                       "With -q: quantize this ONNX file instead of exporting a checkpoint")
          ->needs(quantize)
          ->excludes("--output")
          ->excludes("--interface")
          ->excludes("--events")
          ->excludes("--license")
          ->excludes("--intended-use")
          ->excludes("--limits");
  verb->add_flag_callback(
          "--allow-modified",
          [options] { options->int8.changed_model = onnx_file::ChangedModel::accept; },
          "With --model: accept a model that was edited after it was exported")
      ->needs(model);
  verb->callback([&program, options] { run_export(program, *options); });
}

}  // namespace stationhit::app
