// stationhit replay MODEL DUMP.jsonl: events that a tool dumped, scored again and compared with
// what it recorded.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/replay_dump.hpp>

#include "frame/backend_option.hpp"
#include "frame/choice.hpp"
#include "frame/model_argument.hpp"
#include "frame/model_library.hpp"
#include "frame/verbs.hpp"
#include "print_percentiles.hpp"

namespace stationhit::app {
namespace {

constexpr std::uint64_t most_passes = 1'000'000;  // the time of every call is kept

void print_node(const char* what, const workflow::ReplayedNode& node) {
  std::printf("  %s: %s: %.9g recorded, %.9g now\n", what, node.where.c_str(),
              static_cast<double>(node.recorded), static_cast<double>(node.score));
}

void print_comparison(const workflow::ReplayResult& result) {
  std::printf("scores: largest difference %.2g max(1, |logit|), rms %.2g over %ju nodes\n",
              result.difference.largest_relative, result.difference.rms(),
              std::uintmax_t{result.nodes});
  if (result.largest) print_node("largest", *result.largest);
  std::printf(
      "decisions: %ju of %ju changed, %ju of them further from the cut than the tolerance\n",
      std::uintmax_t{result.changed}, std::uintmax_t{result.nodes},
      std::uintmax_t{result.changed_far_from_cut});
  if (result.first_changed) print_node("first", *result.first_changed);
}

void print_feature(const std::string& name, const workflow::FeatureDifference& feature) {
  if (feature.nodes == 0) return;
  std::printf("  %s: %ju nodes differ, at most by %.2g max(1, |value|): %s: %.9g, reference %.9g\n",
              name.c_str(), std::uintmax_t{feature.nodes}, feature.largest, feature.where.c_str(),
              static_cast<double>(feature.value), static_cast<double>(feature.reference));
}

void print_inputs(const std::string& reference, const workflow::InputComparison& inputs) {
  std::printf("inputs: %ju events, %ju nodes against %s: %s\n", std::uintmax_t{inputs.events},
              std::uintmax_t{inputs.nodes}, reference.c_str(),
              inputs.agrees() ? "the same" : "they differ");
  if (inputs.reordered_events > 0)
    std::printf("  %ju events have the nodes in another order\n",
                std::uintmax_t{inputs.reordered_events});
  if (inputs.other_counts > 0)
    std::printf("  %ju events have another number of nodes: %s\n",
                std::uintmax_t{inputs.other_counts}, inputs.first_other_count.c_str());
  for (std::size_t f = 0; f < inputs.features.size(); ++f)
    print_feature(inputs.feature_names[f], inputs.features[f]);
  if (inputs.missing_edges + inputs.additional_edges > 0)
    std::printf("  %ju edges are missing, %ju are not in the reference: %s\n",
                std::uintmax_t{inputs.missing_edges}, std::uintmax_t{inputs.additional_edges},
                inputs.first_other_edge.c_str());
}

void print(const workflow::ReplayOptions& options, const workflow::ReplayResult& result) {
  std::printf("%s: %ju events, %ju nodes, %ju edges\n%s (XXH3 %s) by %s in %s keeps %ju nodes\n",
              options.dump.c_str(), std::uintmax_t{result.events}, std::uintmax_t{result.nodes},
              std::uintmax_t{result.edges}, options.model.c_str(), result.model_hash.c_str(),
              result.backend.c_str(), result.precision.c_str(), std::uintmax_t{result.kept});
  if (result.inputs) print_inputs(options.reference.string(), *result.inputs);
  if (options.comparison == workflow::DumpComparison::compare) print_comparison(result);
  print_percentiles_head();
  print_percentiles("preparation", result.preparation);
  print_percentiles("network", result.network);
}

void run_replay(const Program& program, workflow::ReplayOptions options) {
  options.model = find_model(options.model);
  require_no_ntuple(options.model, "stationhit replay MODEL.onnx DUMP.jsonl");
  const auto result = workflow::replay_dump(options, program);
  if (result.stopped)
    throw core::DataError("interrupted after " + std::to_string(result.events) +
                          " events: no output is kept");
  print(options, result);
  if (result.inputs && !result.inputs->agrees())
    throw core::DataError(options.dump.string() + ": the inputs of the model are not those of " +
                          options.reference.string() +
                          "; compare the nodes above with the tool, or allow more with "
                          "--tolerance");
  if (result.agrees(options.tolerance)) return;
  throw core::DataError(options.dump.string() + ": " + options.model.string() +
                        " gives other answers than were recorded: " +
                        core::to_text(result.difference.largest_relative) +
                        " max(1, |logit|) apart (at most " + core::to_text(options.tolerance) +
                        "), " + std::to_string(result.changed_far_from_cut) +
                        " other decisions; compare the nodes above with the tool, or allow more "
                        "with --tolerance");
}

}  // namespace

void add_replay(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand(
      "replay", "Score again what a tool dumped, and compare scores and decisions");
  auto options = std::make_shared<workflow::ReplayOptions>();
  add_output_options(*verb, program);
  add_model_option(*verb, "model", options->model, model_meaning)->required();
  verb->add_option("dump", options->dump, "Dumped events, JSON lines")->required();
  verb->add_option("-o,--output", options->output,
                   "Also write the dump with the new scores and decisions");
  verb->add_option("--reference", options->reference,
                   "Also compare features and edges with this dump of the same events, as "
                   "`infer --dump-events` writes it");
  add_choice(*verb, "--backend", options->backend, backend_meaning);
  add_choice(*verb, "--precision", options->precision, precision_meaning);
  verb->add_option("--tolerance", options->tolerance,
                   "Largest difference of scores, in units of max(1, |logit|)")
      ->check(not_negative())
      ->capture_default_str();
  verb->add_option("--events", options->events, "Most events of the dump; all if not given")
      ->check(positive_number());
  verb->add_option("--repetitions", options->repetitions, "Timed calls of the model per event")
      ->check(integer_between(1, most_passes))
      ->capture_default_str();
  verb->add_flag_callback(
      "--no-compare", [options] { options->comparison = workflow::DumpComparison::leave_out; },
      "Score and time only");
  verb->add_flag_callback(
      "--other-model", [options] { options->other_model = workflow::OtherModel::accept; },
      "Accept a dump of another model that takes the same features");
  verb->add_flag_callback(
      "--allow-modified", [options] { options->changed_model = onnx_file::ChangedModel::accept; },
      "Accept a model that was edited after it was exported");
  verb->callback([&program, options] { run_replay(program, *options); });
}

}  // namespace stationhit::app
