// stationhit prepare: from ntuples to training, validation and test splits; with --materialize from
// these to network inputs.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/prepare_set.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "frame/allow_unfinished.hpp"
#include "frame/verbs.hpp"
#include "materialize_option.hpp"

namespace stationhit::app {
namespace {

using data::PrepareConfig;

struct PrepareOptions {
  std::vector<std::string> input;  // replaces the key input
  std::string output;              // replaces the key output
  std::string tree;                // replaces the key tree
  bool skip_bad = false;
  data::InputPolicy policy;
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;
  std::string run_file;              // materialize its splits instead
  std::optional<std::string> piece;  // "3/16": make this piece only
  bool merge = false;                // make the set of pieces that are all there
};

using CountRow = std::pair<std::string, data::Counts>;

void print_counts(const std::vector<CountRow>& rows) {
  std::printf("%-12s %8s %12s %12s %9s %8s", "split", "events", "hits", "signal hits", "signal %",
              "muons");
  for (const core::Technology technology : core::technologies)
    std::printf(" %19s", (std::string(core::name(technology)) + " hits (signal)").c_str());
  std::printf("\n");
  for (const auto& [name, counts] : rows) {
    const double share = 100.0 * static_cast<double>(counts.true_hits) /
                         static_cast<double>(std::max<std::uint64_t>(counts.hits, 1));
    std::printf("%-12s %8lu %12lu %12lu %9.3f %8lu", name.c_str(), counts.events, counts.hits,
                counts.true_hits, share, counts.muons);
    for (const core::Technology technology : core::technologies) {
      const auto found = counts.technologies.find(std::string(core::name(technology)));
      const data::HitCounts hits =
          found == counts.technologies.end() ? data::HitCounts{} : found->second;
      std::printf(
          " %19s",
          (std::to_string(hits.hits) + " (" + std::to_string(hits.true_hits) + ")").c_str());
    }
    std::printf("\n");
  }
}

void print_input_counts(const data::InputCounts& counts) {
  std::printf("%lu events read, %lu kept; %lu dropped: no truth muon %lu", counts.events,
              counts.kept_events, counts.dropped_events(), counts.events_without_muon);
  for (const auto& [cut, n] : counts.dropped_by)
    std::printf(", last muon failed the %s cut %lu", cut.c_str(), n);
  std::printf("; skipped for NaN or Inf %lu", counts.bad_events);
  if (counts.repeated_events > 0) std::printf(", left out as repeated %lu", counts.repeated_events);
  std::printf("\n");
}

void print_left_out(const std::vector<data::InputRecord>& inputs) {
  for (const char* reason : {"damaged", "duplicate"}) {
    std::vector<std::string> files;
    for (const data::InputRecord& input : inputs)
      if (input.split == reason) files.push_back(input.file);
    if (!files.empty())
      std::printf("%zu of %zu input files left out as %s: %s\n", files.size(), inputs.size(),
                  reason, core::join(files).c_str());
  }
}

// The order in which people read them, not the alphabet.
std::vector<CountRow> rows_of(const data::Manifest& manifest) {
  std::vector<CountRow> rows;
  for (const char* suffix : {"", "_small"}) {
    for (const data::Split split : data::splits) {
      const std::string name = std::string(data::folder_name(split)) + suffix;
      rows.emplace_back(name, manifest.splits.at(name));
    }
  }
  return rows;
}

void print_speed(std::uint64_t hits, double seconds, unsigned threads) {
  const double rate = static_cast<double>(hits) / std::max(seconds, 1e-9);
  std::printf("%.3g million hits in %.1f s: %.3g million hits/s with %u thread%s\n",
              static_cast<double>(hits) * 1e-6, seconds, rate * 1e-6, threads,
              threads == 1 ? "" : "s");
}

PrepareConfig resolved_config(const Program& program, const PrepareOptions& options) {
  auto config = config::load<PrepareConfig>(program.options.config_file, program.overrides());
  if (!options.input.empty()) config.input = options.input;
  if (!options.output.empty()) config.output = options.output;
  if (!options.tree.empty()) config.tree = options.tree;
  config.skip_bad = config.skip_bad || options.skip_bad;
  if (options.unfinished == core::UnfinishedFiles::read) config.allow_unfinished = true;
  if (config.output.empty())
    throw core::ConfigError(
        "prepare: no folder to write to; give it with -o FOLDER (or the key output)");
  return config;
}

void print(const workflow::PreparationResult& result, const std::string& output) {
  const data::PrepareResult& prepared = result.prepared;
  print_counts(rows_of(prepared.manifest));
  print_input_counts(prepared.manifest.input_counts);
  print_left_out(prepared.manifest.inputs);
  if (prepared.was_complete) {
    std::printf("%s already holds this set; nothing was done\n", output.c_str());
    return;
  }
  if (!prepared.made_again.empty()) {
    std::printf("%s: %zu shards were missing or damaged and were made again\n", output.c_str(),
                prepared.made_again.size());
    return;
  }
  print_speed(prepared.hits_read_now, result.seconds, prepared.threads);
  std::printf("wrote %s\n", (std::filesystem::path(output) / data::manifest_file_name).c_str());
}

void print(const workflow::PreparedPiece& made, const data::Piece& piece,
           const std::string& output) {
  if (made.piece.set_is_complete) {
    std::printf("%s already holds this set; nothing was done\n", output.c_str());
    return;
  }
  print_input_counts(made.piece.input);
  print_speed(made.piece.hits_read_now, made.seconds, made.piece.threads);
  std::printf(
      "%s: piece %s is finished (%zu chunks of the input); prepare --merge makes the set when all "
      "are\n",
      output.c_str(), data::text_of(piece).c_str(), made.piece.chunks);
}

void print(const workflow::SelectionTrial& trial) {
  print_counts({{"(debug)", trial.kept}});
  print_input_counts(trial.input);
}

void run(const Program& program, const PrepareOptions& options) {
  std::optional<data::Piece> piece;
  if (options.piece) piece = data::parse_piece(*options.piece, "--shard");
  const auto missing = options.merge ? data::MissingWork::refuse : data::MissingWork::make;
  if (!options.run_file.empty()) {
    if (options.output.empty())
      throw core::UsageError("prepare --materialize: give the folder to write with -o FOLDER");
    return materialize_splits(program, options.run_file, options.output, {piece, missing});
  }
  const PrepareConfig config = resolved_config(program, options);
  program.log().info(config::dump(config));
  data::PrepareFormats formats =
      workflow::root_formats(config.tree, config.allow_unfinished ? core::UnfinishedFiles::read
                                                                  : core::UnfinishedFiles::refuse);
  formats.policy = options.policy;
  if (program.options.debug) {
    print(workflow::try_selection(config, formats, program.log()));
    return program.log().info("debug run: nothing is written");
  }
  if (piece) {
    const auto made = workflow::prepare_piece(config, formats, *piece, program);
    if (made) print(*made, *piece, config.output);
    return;
  }
  const auto result = workflow::prepare_set(config, formats, program, missing);
  if (result) print(*result, config.output);
}

}  // namespace

void add_prepare(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "prepare", "Select events and split them into training, validation and test");
  add_common_options(*verb, program, false);
  const auto options = std::make_shared<PrepareOptions>();
  CLI::Option* input = verb->add_option(
      "input", options->input, "ROOT files, folders or glob patterns (instead of the key input)");
  verb->add_option("-o,--output", options->output,
                   "Folder for the splits (instead of the key output)");
  CLI::Option* tree =
      verb->add_option("--tree", options->tree,
                       "Name of the tree, with its folder if it has one (instead of the key tree)");
  CLI::Option* skip_bad = verb->add_flag(
      "--skip-bad", options->skip_bad, "Skip and count events with NaN or Inf instead of stopping");
  CLI::Option* strict = verb->add_flag_callback(
      "--strict", [options] { options->policy.damaged = data::DamagedInputs::refuse; },
      "Stop at an input file that cannot be used, instead of leaving it out with a warning");
  CLI::Option* duplicates = verb->add_flag_callback(
      "--allow-duplicates",
      [options] { options->policy.duplicates = data::DuplicateInputs::keep_first; },
      "Use one of several input files with the same content, and one of several equal events, "
      "instead of stopping");
  CLI::Option* unfinished = add_allow_unfinished(*verb, options->unfinished);
  CLI::Option* piece = verb->add_option(
      "--shard", options->piece,
      "Make only piece I of N of the set, in the folder that all of them share: for jobs side by "
      "side");
  piece->option_text("I/N");
  CLI::Option* merge = verb->add_flag(
      "--merge", options->merge,
      "Make the set of the pieces that --shard has made; a piece that is missing is an error");
  merge->excludes(piece);
  verb->add_option("--materialize,--materialise", options->run_file,
                   "Write the network inputs of the splits that this run configuration names into "
                   "the folder of -o: train, test, export and prune take that folder too, "
                   "and a build without ROOT needs it")
      ->option_text("RUN.yaml")
      ->excludes(input)
      ->excludes(skip_bad)
      ->excludes(strict)
      ->excludes(duplicates)
      ->excludes(unfinished)
      ->excludes(tree)
      ->excludes("--config");
  verb->callback([&program, options] { run(program, *options); });
}

}  // namespace stationhit::app
