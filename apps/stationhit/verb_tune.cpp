// stationhit tune: a search for better settings of a run with Optuna.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <stationhit/config/tune_space.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/tune.hpp>

#include "frame/built_parts.hpp"
#include "frame/choice.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t most_trials = 1'000'000, most_workers = 256;

struct Options {
  fs::path space_file, python;
  workflow::TuneOptions tune;
};

// --python, STATIONHIT_PYTHON, the Python of the checkout that the program was built in, or the one
// of the system.
fs::path find_python(const fs::path& given) {
  if (!given.empty()) return given;
  if (const char* variable = std::getenv("STATIONHIT_PYTHON"); variable != nullptr && *variable)
    return variable;
  const fs::path of_checkout = STATIONHIT_SOURCE_PYTHON;
  return fs::exists(of_checkout) ? of_checkout : fs::path("python3");
}

// The command line is visible to all users of the machine, so a password is better kept in a
// variable.
void take_storage_of_environment(std::string& storage) {
  const char* variable = std::getenv("STATIONHIT_TUNE_STORAGE");
  if (storage.empty() && variable != nullptr) storage = variable;
}

std::string conditions_text(const config::TuneParameter& parameter) {
  std::string text;
  for (const config::TuneCondition& condition : parameter.when)
    text.append(text.empty() ? " when " : " and ")
        .append(condition.key)
        .append(" is ")
        .append(core::join(condition.values, " or "));
  return text;
}

std::string values_text(const config::TuneParameter& parameter) {
  if (parameter.kind == config::TuneKind::choice) return core::join(parameter.values);
  return core::to_text(parameter.low) + " to " + core::to_text(parameter.high) +
         (parameter.step ? " in steps of " + core::to_text(*parameter.step) : "") +
         (parameter.log ? ", logarithmic" : "");
}

void print_space(const config::TuneSpace& space) {
  for (const config::TuneParameter& parameter : space.parameters)
    std::printf("%-40s %s%s\n", parameter.key.c_str(), values_text(parameter).c_str(),
                conditions_text(parameter).c_str());
  std::printf("%s, pruner %s, objectives %s",
              std::string(core::name(space.settings.sampler)).c_str(),
              std::string(core::name(space.settings.pruner)).c_str(),
              core::join(space.settings.objectives).c_str());
  if (const auto n = space.n_combinations())
    std::printf(", %ju combinations", static_cast<std::uintmax_t>(*n));
  std::printf("\n");
}

void require_bench(const config::TuneSpace& space) {
  const std::string no = "no";
  if (space.has_latency() && (built_parts.root == no || built_parts.inference == no))
    throw core::UsageError(std::string(config::latency_objective) +
                           " needs ROOT and inference, which this program was built without; "
                           "take it out of search.objectives");
}

void run_tune(const Program& program, Options options) {
  const auto run = load_run(program, config::RunPurpose::search);
  const auto space = config::load_tune_space(options.space_file, run);
  for (const std::string& text : config::find_parameters_without_effect(space, run))
    program.log().warning(options.space_file.string() + ": " + text);
  if (program.options.debug) return print_space(space);
  require_bench(space);
  workflow::TuneOptions& tune = options.tune;
  tune.config_file = program.options.config_file;
  tune.overrides = program.overrides();
  if (tune.study.empty()) tune.study = options.space_file.stem();
  if (tune.folder.empty()) tune.folder = fs::path("runs") / "tune" / tune.study;
  take_storage_of_environment(tune.storage);
  workflow::become_tune_driver(find_python(options.python),
                               workflow::make_tune_plan(tune, run, space));
}

}  // namespace

void add_tune(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("tune", "Search better settings of a run with Optuna");
  auto options = std::make_shared<Options>();
  add_common_options(*verb, program);
  verb->add_option("-s,--space", options->space_file, "YAML file: what is searched, and how")
      ->type_name("FILE")
      ->required();
  verb->add_option("--trials", options->tune.trials,
                   "Trials of the study in total, those of earlier calls included")
      ->check(integer_between(1, most_trials))
      ->required();
  verb->add_option("--name", options->tune.study,
                   "Name of the study; that of the space file if not given");
  verb->add_option("-o,--output", options->tune.folder,
                   "Folder for trials and results; runs/tune/NAME if not given");
  verb->add_option("--storage", options->tune.storage,
                   "URL of the database, for example postgresql+psycopg2://user@host/database; "
                   "study.db (SQLite) in the folder if neither this nor the environment variable "
                   "STATIONHIT_TUNE_STORAGE is given");
  verb->add_option("--workers", options->tune.workers, "Trials at the same time in this call")
      ->check(integer_between(1, most_workers))
      ->capture_default_str();
  verb->add_option("--python", options->python,
                   "Python with Optuna; STATIONHIT_PYTHON, else the one of the checkout, else "
                   "python3 if not given");
  verb->add_flag_callback(
      "--retrain", [options] { options->tune.retrain = workflow::Retrain::yes; },
      "Train and test the best configuration at the end");
  verb->callback([&program, options] { run_tune(program, *options); });
}

}  // namespace stationhit::app
