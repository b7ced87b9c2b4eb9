// stationhit infer MODEL IN.root -o OUT.root: the events of the input with a score per hit, or
// without the hits below the cut.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/workflow/score_ntuple.hpp>

#include "frame/allow_unfinished.hpp"
#include "frame/backend_option.hpp"
#include "frame/choice.hpp"
#include "frame/model_argument.hpp"
#include "frame/model_library.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

struct Options {
  workflow::ScoringOptions scoring;
  fs::path dump;
  std::uint64_t dump_event = 0;
  workflow::EventDump event_dump;
};

void print_kept(const workflow::ScoringResult& result, float cut) {
  const auto kept = static_cast<double>(result.kept), pairs = static_cast<double>(result.pairs),
             pairs_kept = static_cast<double>(result.pairs_kept),
             events = static_cast<double>(std::max<std::uint64_t>(1, result.events));
  const double share = result.hits == 0 ? 0.0 : 100.0 * kept / static_cast<double>(result.hits);
  std::printf("hits above the cut %.4f: %ju, %.3f %% (%.1f per event), reduction by %.3f %%\n",
              static_cast<double>(cut), std::uintmax_t{result.kept}, share, kept / events,
              100.0 - share);
  std::printf("hit pairs per event: %.1f, of the hits above the cut: %.1f\n", pairs / events,
              pairs_kept / events);
}

void print(const fs::path& output, const workflow::ScoringResult& result) {
  std::printf("%s: %ju events, %ju hits", output.c_str(), std::uintmax_t{result.events},
              std::uintmax_t{result.hits});
  if (result.non_finite > 0)
    std::printf(", %ju of them with NaN or Inf (score -100)", std::uintmax_t{result.non_finite});
  std::printf("; %.1f events/s\n", static_cast<double>(result.events) / result.seconds);
  if (result.cut) print_kept(result, *result.cut);
}

void run_infer(const Program& program, Options options) {
  workflow::ScoringOptions& scoring = options.scoring;
  scoring.model = find_model(scoring.model);
  require_no_ntuple(scoring.model, "stationhit infer MODEL.onnx INPUT.root -o OUTPUT.root");
  if (!options.dump.empty()) scoring.dump = {options.dump, options.dump_event};
  if (!options.event_dump.file.empty()) scoring.event_dump = options.event_dump;
  scoring.threads = program.options.threads.value_or(0);
  const auto result = workflow::score_ntuple(scoring, program);
  if (result.stopped)
    throw core::DataError("interrupted after " + std::to_string(result.events) +
                          " events: no output is kept");
  print(scoring.output, result);
}

}  // namespace

void add_infer(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("infer", "Score or filter the hits of a ROOT file with an ONNX file");
  auto options = std::make_shared<Options>();
  add_output_options(*verb, program);
  add_model_option(*verb, "model", options->scoring.model, model_meaning)->required();
  verb->add_option("input", options->scoring.input,
                   "ROOT ntuple (TTree or RNTuple MuonHitDump) or prepared split")
      ->required();
  verb->add_option("--tree", options->scoring.tree,
                   "Name of the TTree or RNTuple, with its folder if it has one")
      ->capture_default_str();
  verb->add_option("-o,--output", options->scoring.output, "ROOT file to write")->required();
  add_choice(*verb, "--mode", options->scoring.mode,
             "score: all hits, with spacePoint_score; filter: only the hits above the cut");
  auto* point = verb->add_option("--working-point", options->scoring.working_point,
                                 "Working point of the model that gives the cut; without it 0.99, "
                                 "or the nearest one of the model");
  verb->add_option("--cut", options->scoring.cut,
                   "The cut itself: hits with a logit above it are kept")
      ->excludes(point);
  add_choice(*verb, "--backend", options->scoring.backend, backend_meaning);
  add_choice(*verb, "--precision", options->scoring.precision, precision_meaning);
  add_threads_option(*verb, program, "Threads; all cores if not given");
  CLI::Option* dump =
      verb->add_option("--dump-inputs", options->dump,
                       "Also write what the model got and gave for one event, as safetensors");
  verb->add_option("--dump-event", options->dump_event, "Which event, from 0")
      ->needs(dump)
      ->capture_default_str();
  CLI::Option* events = verb->add_option(
      "--dump-events", options->event_dump.file,
      "Also write features, edges, scores and decisions as JSON lines, for `replay`");
  verb->add_option("--dump-limit", options->event_dump.events,
                   "Most events of --dump-events, the first ones; all if not given")
      ->needs(events)
      ->check(positive_number());
  verb->add_flag_callback(
      "--allow-modified",
      [options] { options->scoring.changed_model = onnx_file::ChangedModel::accept; },
      "Accept a model that was edited after it was exported");
  add_allow_unfinished(*verb, options->scoring.unfinished);
  verb->callback([&program, options] { run_infer(program, *options); });
}

}  // namespace stationhit::app
