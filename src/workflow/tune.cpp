// The plan says everything that the driver needs to make the command line of a trial: it knows
// neither YAML nor settings. What must agree between the calls that share a study (settings,
// events, space) is in the plan as texts, which the driver compares with those of the study.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <unistd.h>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/workflow/train.hpp>
#include <stationhit/workflow/tune.hpp>

#include "old_results.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* folder_key = "experiment_dir";

// Settings that may differ between the nodes that share a study: places, and what results do not
// depend on.
constexpr std::array local_settings{
    folder_key,        "train_path",      "val_path",     "test_path", "normalization_stats",
    "checkpoint_path", "devices",         "rank_timeout", "use_comet", "trackers",
    "threads",         "training.monitor"};

fs::path this_program() { return fs::read_symlink("/proc/self/exe"); }

// In every trial: where a condition does not hold, the setting of the run counts.
bool is_always_searched(const config::TuneSpace& space, const std::string& key) {
  const auto found = std::ranges::find(space.parameters, key, &config::TuneParameter::key);
  return found != space.parameters.end() && found->when.empty();
}

// What all trials have in common, as text by key path.
ordered_json common_settings(const config::RunConfig& run, const config::TuneSpace& space) {
  ordered_json settings = ordered_json::object();
  core::visit_settings(
      run, "",
      [&](const std::string& path, const auto& value, const char*, const core::SettingRule&) {
        if (std::ranges::find(local_settings, path) == local_settings.end() &&
            !is_always_searched(space, path))
          settings[path] = core::value_text(value);
      });
  return settings;
}

ordered_json to_json(const config::TuneParameter& parameter) {
  ordered_json object{{"key", parameter.key}, {"kind", core::name(parameter.kind)}};
  for (const config::TuneCondition& condition : parameter.when)
    object["when"][condition.key] = condition.values;
  if (parameter.kind == config::TuneKind::choice) {
    object["values"] = parameter.values;
    return object;
  }
  object["low"] = parameter.low;
  object["high"] = parameter.high;
  object["step"] = parameter.step ? ordered_json(*parameter.step) : ordered_json();
  object["log"] = parameter.log;
  return object;
}

ordered_json to_json(const config::TuneSettings& settings) {
  ordered_json object = ordered_json::object();
  config::TuneSettings::describe(settings, [&](const char* key, const auto& value, const char*,
                                               const core::SettingRule& = {}) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (core::NamedEnum<Value>)
      object[key] = core::name(value);
    else
      object[key] = value;
  });
  return object;
}

ordered_json objectives_json(const std::vector<std::string>& objectives) {
  ordered_json list = ordered_json::array();
  for (const std::string& name : objectives) {
    // What is no metric of every run is the purity at a working point of this one.
    const auto* const metric = training::find_monitored_metric(name);
    const bool larger = metric == nullptr
                            ? name != config::latency_objective
                            : metric->monitor == training::MonitorDirection::larger_is_better;
    list.push_back({{"name", name}, {"direction", larger ? "maximize" : "minimize"}});
  }
  return list;
}

// Where ms_per_event is measured: the events of a materialized split are no longer those of a file.
std::string bench_input(const config::RunConfig& run, const config::TuneSpace& space) {
  if (!space.has_latency() || !space.settings.bench_input.empty())
    return space.settings.bench_input;
  if (materialized::is_materialized_split(run.val_path))
    throw core::ConfigError(
        run.val_path + ": " + config::latency_objective +
        " cannot be measured on a materialized split; give an ntuple or the prepared split as "
        "search.bench_input");
  return run.val_path;
}

// "Toy simulation, <mu> = 200"; empty: the files do not say.
std::string sample_text(const LabeledSplit& split, const std::string& sample_label) {
  const core::SampleInfo sample = label_sample(split, sample_label);
  std::vector<std::string> parts{sample.origin, core::pile_up_line(sample, "<mu>")};
  std::erase(parts, "");
  return core::join(parts);
}

// Of every trial. Several on one machine share its cores.
unsigned threads_of_trial(const config::RunConfig& run, std::uint32_t workers) {
  if (run.threads != 0 || workers < 2) return run.threads;
  return std::max(1U, core::resolve_threads(0) / workers);
}

// The environment that this program was started with: it has changed its own since.
std::vector<std::string> first_environment() {
  std::ifstream file("/proc/self/environ", std::ios::binary);
  std::vector<std::string> variables;
  for (std::string one; std::getline(file, one, '\0');) variables.push_back(one);
  return variables;
}

// The text as standard input. It is in memory, so that nobody else can read it.
void make_input(const std::string& text) {
  const int file = memfd_create("plan", MFD_CLOEXEC);
  const bool written = file >= 0 &&
                       write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       lseek(file, 0, SEEK_SET) == 0 && dup2(file, STDIN_FILENO) == STDIN_FILENO;
  if (!written)
    throw core::DataError(std::string("the plan of the search could not be passed on: ") +
                          std::strerror(errno));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::string make_tune_plan(const TuneOptions& options, const config::RunConfig& run,
                           const config::TuneSpace& space) {
  require_no_data_set(options.folder, "-o");
  const Splits splits = open_splits(run, options.config_file);
  ordered_json parameters = ordered_json::array();
  for (const config::TuneParameter& parameter : space.parameters)
    parameters.push_back(to_json(parameter));
  ordered_json data{{"training events", splits.train->events_id()},
                    {"validation events", splits.validation->events_id()}};
  return ordered_json{{"program", this_program().string()},
                      {"version", std::string(core::version()) + " (commit " +
                                      std::string(core::git_commit()) + ")"},
                      {"config_file", options.config_file.string()},
                      {"overrides", options.overrides},
                      {"threads", threads_of_trial(run, options.workers)},
                      {"epochs", run.training.epochs},
                      {"sample", sample_text(*splits.validation, run.sample_label)},
                      {"bench_input", bench_input(run, space)},
                      {"study", options.study},
                      {"folder", fs::absolute(options.folder).lexically_normal().string()},
                      {"storage", options.storage},
                      {"trials", options.trials},
                      {"workers", options.workers},
                      {"retrain", options.retrain == Retrain::yes},
                      {"objectives", objectives_json(space.settings.objectives)},
                      {"search", to_json(space.settings)},
                      {"parameters", parameters},
                      {"common", {{"settings", common_settings(run, space)}, {"data", data}}}}
      .dump();
}

void become_tune_driver(const fs::path& python, const std::string& plan) {
  const fs::path package =
      this_program().parent_path().parent_path() / "share/stationhit/stationhit_tune";
  if (!fs::exists(package))
    throw core::DataError(package.string() +
                          ": this Python package belongs to the program; install it again");
  std::vector<std::string> arguments{python.string(), package.string()},
      environment = first_environment();
  const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
  make_input(plan);
  execvpe(python.c_str(), argv.data(), envp.data());
  throw core::UsageError(python.string() + " could not be started: " + std::strerror(errno) +
                         "; give the Python that has Optuna with --python or STATIONHIT_PYTHON");
}

}  // namespace stationhit::workflow
