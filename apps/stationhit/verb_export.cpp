// stationhit export -c RUN.yaml: checkpoint -> ONNX file, checked against the network before it
// gets its name.
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/logit_difference.hpp>
#include <stationhit/workflow/trained_network.hpp>

#include "frame/verbs.hpp"
#ifdef STATIONHIT_WITH_INFERENCE
#include <stationhit/inference/hit_classifier.hpp>

#include "quantize_run.hpp"
#endif

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

struct ExportOptions {
  fs::path output;  // empty: model.onnx (model_edges.onnx) beside the checkpoint
  std::string interface = "table";
  bool quantize = false;
  std::uint64_t events = 10, latency_events = 50;
};

exporter::Provenance provenance(const training::CheckpointMetadata& metadata,
                                const fs::path& checkpoint) {
  const auto run = config::parse_text<config::RunConfig>(metadata.config_yaml, checkpoint.string());
  return {metadata.graph, metadata.thresholds, metadata.pos_weight, config::config_hash(run)};
}

#ifdef STATIONHIT_WITH_INFERENCE
// Of the first max_events events.
workflow::LogitDifference compare(training::LoadedNetwork& loaded, const fs::path& model,
                                  const workflow::LabeledSplit& split, std::uint64_t max_events) {
  const inference::HitClassifier classifier(model);
  workflow::LogitDifference difference;
  const auto events = split.read_all();
  training::score_events(*loaded.network, *events, [&](const training::ScoredEvent& scored) {
    difference.add(classifier.node_logits(classifier.prepare(scored.event.inputs)),
                   scored.node_logits);
    return ++difference.events < max_events;
  });
  return difference;
}

// Removes the file and throws if ONNX Runtime gives other logits than the network.
void verify(training::LoadedNetwork& loaded, const fs::path& model, const config::RunConfig& run,
            const ExportOptions& options, const std::string& config_file) {
  const fs::path input = config::require(run.test_path.empty() ? run.val_path : run.test_path,
                                         "test_path", config_file);
  const auto split =
      workflow::open_labeled_split(input, {loaded.metadata.feature_names, loaded.metadata.graph});
  const workflow::LogitDifference difference = compare(loaded, model, *split, options.events);
  std::printf(
      "ONNX Runtime and the network agree: largest difference %.2g over %zu nodes of %zu events\n",
      difference.largest_absolute, difference.compared, difference.events);
  if (difference.largest_relative <= workflow::backend_tolerance) return;
  throw core::Error(core::ExitCode::internal,
                    "the exported model gives other logits than the network (difference " +
                        core::to_text(difference.largest_absolute) +
                        "); the file is not kept, please report this");
}
#endif

void warn_if_no_drop_in(const Program& program, const training::CheckpointMetadata& metadata) {
  for (const std::string& obstacle :
       exporter::drop_in_obstacles(metadata.feature_names, metadata.graph)) {
    program.log().warning("the file is no drop-in for the inference tool of the experiment: " +
                          obstacle);
  }
}

void run_export(const Program& program, const ExportOptions& options) {
#ifndef STATIONHIT_WITH_INFERENCE
  if (options.quantize)
    throw core::UsageError(
        "export -q needs a build with ONNX Runtime (STATIONHIT_WITH_INFERENCE=ON)");
#endif
  const auto run =
      config::load<config::RunConfig>(program.options.config_file, program.overrides());
  auto [checkpoint, loaded] = workflow::load_trained_network(run);
  const bool edges = options.interface == "edges";
  const fs::path output = options.output.empty() ? checkpoint.parent_path() /
                                                       (edges ? "model_edges.onnx" : "model.onnx")
                                                 : options.output;
  core::require_file_name(output);
  fs::path unverified = output;
  unverified += ".unverified";
  exporter::export_network(*loaded.network, provenance(loaded.metadata, checkpoint),
                           edges ? exporter::Interface::edges : exporter::Interface::table)
      .write(unverified);
  try {
#ifdef STATIONHIT_WITH_INFERENCE
    verify(loaded, unverified, run, options, program.options.config_file);
#else
    program.log().warning(
        "this build has no ONNX Runtime: the exported file was not compared with the network");
#endif
    fs::rename(unverified, output);
  } catch (...) {
    std::error_code ignored;
    fs::remove(unverified, ignored);
    throw;
  }
  if (edges) warn_if_no_drop_in(program, loaded.metadata);
  std::printf("%s: %s of %s, %ju bytes, working points", output.c_str(),
              loaded.metadata.model.architecture.c_str(), checkpoint.c_str(),
              static_cast<std::uintmax_t>(fs::file_size(output)));
  for (const auto& [point, threshold] : loaded.metadata.thresholds)
    std::printf(" %s: %.4f", point.c_str(), static_cast<double>(threshold));
  std::printf("\n");
#ifdef STATIONHIT_WITH_INFERENCE
  if (options.quantize) {
    const char* folder = edges ? "onnx_benchmarking_edges" : "onnx_benchmarking";
    quantize_and_compare(program, run, output, output.parent_path() / folder,
                         options.latency_events);
  }
#endif
}

}  // namespace

void add_export(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("export", "Write a trained network as an ONNX file");
  auto options = std::make_shared<ExportOptions>();
  add_common_options(*verb, program);
  verb->add_option("-o,--output", options->output,
                   "ONNX file to write; model.onnx (interface edges: model_edges.onnx) beside the "
                   "checkpoint if not given");
  verb->add_option("--interface", options->interface,
                   "How the file takes the graph: table (fast) or edges (edge_index, for programs "
                   "that give a list)")
      ->check(CLI::IsMember({"table", "edges"}))
      ->capture_default_str();
  verb->add_option("--events", options->events,
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
