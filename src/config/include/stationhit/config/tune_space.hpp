// The file of verb tune: which settings of a run are searched, over which values, and how.
//
//   search: {sampler: tpe, pruner: median}
//   parameters:
//     training.optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}
//     model.width: {low: 16, high: 64, step: 16}
//     model.architecture: [edgeconv, edgeconv_gat]
//     model.heads: {values: [2, 4], when: {model.architecture: edgeconv_gat}}
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::config {

enum class Sampler { tpe, cmaes, random, grid, nsga2 };
constexpr auto names_of(Sampler) {
  return std::to_array<std::string_view>({"tpe", "cmaes", "random", "grid", "nsga2"});
}

enum class Pruner { median, hyperband, none };
constexpr auto names_of(Pruner) {
  return std::to_array<std::string_view>({"median", "hyperband", "none"});
}

// The second objective: what `stationhit bench` measures with one thread.
inline constexpr const char* latency_objective = "ms_per_event";

struct TuneSettings {
  Sampler sampler = Sampler::tpe;
  Pruner pruner = Pruner::median;
  std::vector<std::string> objectives = {};
  std::uint64_t seed = 42;
  std::int32_t startup_trials = 10;
  std::int32_t warmup_epochs = 2;
  std::int32_t population = 20;
  std::int32_t most_failures = 5;
  std::int32_t heartbeat = 30;       // s
  std::int32_t retries = 3;          // of a trial
  std::int32_t storage_wait = 3600;  // s
  std::int32_t bench_events = 50;
  std::string bench_input = {};

  static void describe(auto& self, auto&& setting) {
    setting(
        "sampler", self.sampler,
        "How values are chosen: tpe = Tree-structured Parzen Estimator, cmaes = CMA-ES (numbers "
        "only; other parameters are drawn at random), random, grid = all combinations, nsga2 = "
        "NSGA-II");
    setting("pruner", self.pruner,
            "Which trainings end early: median = those worse than the median of the others at the "
            "same epoch, hyperband, none; none with two objectives");
    setting("objectives", self.objectives,
            "What is optimized: a metric of the validation split that training.monitor takes, and "
            "after it ms_per_event, the time of `stationhit bench` with one thread; empty = "
            "training.monitor of the run");
    setting("seed", self.seed, "Seed of the sampler");
    setting("startup_trials", self.startup_trials,
            "Trials at random before tpe and cmaes begin, and before the median prunes",
            core::at_least(1));
    setting("warmup_epochs", self.warmup_epochs, "Epochs that are never pruned", core::at_least(0));
    setting("population", self.population, "nsga2: trials of a generation", core::at_least(2));
    setting("most_failures", self.most_failures,
            "Trials that may fail one after the other before a worker gives up; 0 = any number",
            core::at_least(0));
    setting("heartbeat", self.heartbeat,
            "Seconds between the signs of life of a trial; one without for three times as long is "
            "taken for dead and tried again",
            core::between(1, 3600));
    setting("retries", self.retries, "How often a trial is tried again whose worker died",
            core::at_least(0));
    setting("storage_wait", self.storage_wait,
            "Seconds that workers wait for a storage that does not answer", core::at_least(0));
    setting("bench_events", self.bench_events, "Events on which ms_per_event is measured",
            core::at_least(1));
    setting("bench_input", self.bench_input,
            "ROOT ntuple or folder of a prepared split with these events; null = val_path of the "
            "run, which must not be materialized then",
            core::path_or_null());
  }
};

enum class TuneKind { number, integer, choice };
constexpr auto names_of(TuneKind) {
  return std::to_array<std::string_view>({"number", "integer", "choice"});
}

// Holds in a trial in which the parameter `key` has one of the values.
struct TuneCondition {
  std::string key;
  std::vector<std::string> values;

  bool operator==(const TuneCondition&) const = default;
};

// One setting of the run and its values: the range of a number, or a list.
struct TuneParameter {
  std::string key;  // key path
  TuneKind kind = TuneKind::choice;
  double low = 0, high = 0;           // both included
  std::optional<double> step = {};    // from low on; an integer without has 1
  bool log = false;                   // drawn in the logarithm
  std::vector<std::string> values{};  // of a choice, as --set takes them
  // The parameter is searched in trials in which all of these hold; in others the setting keeps the
  // value of the run. Each names a choice that stands above this parameter.
  std::vector<TuneCondition> when = {};

  // Values of a grid; nothing for a number without step.
  [[nodiscard]] std::optional<std::uint64_t> n_values() const;
};

struct TuneSpace {
  TuneSettings settings;
  std::vector<TuneParameter> parameters;

  // Combinations; nothing where a number has no step.
  [[nodiscard]] std::optional<std::uint64_t> n_combinations() const;
  // Whether it also optimizes latency_objective.
  [[nodiscard]] bool has_latency() const { return settings.objectives.size() > 1; }
};

// Reads the file and holds every key and value against the settings of a run: each value must be
// allowed by itself; whether values go together shows in the trial. settings.objectives is filled.
// Throws ConfigError with all errors: file, line, key, what is expected, the nearest known key.
[[nodiscard]] TuneSpace load_tune_space(const std::filesystem::path& file, const RunConfig& run);
// The same from text; `where` stands for the file in messages.
[[nodiscard]] TuneSpace parse_tune_space(std::string_view yaml, const std::string& where,
                                         const RunConfig& run);

// "model.heads: has no effect with model.architecture: edgeconv" for every parameter that changes
// no trial, because the choice that decides this is not searched, or has no value that makes it
// one.
[[nodiscard]] std::vector<std::string> find_parameters_without_effect(const TuneSpace& space,
                                                                      const RunConfig& run);

// The rows of TuneSettings for docs/parameters.md.
[[nodiscard]] std::string tune_settings_markdown();

}  // namespace stationhit::config
