// stationhit train: trains, validates, and tests the best checkpoint.
#include <atomic>
#include <string>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/run_ranks.hpp>
#include <stationhit/workflow/run_trackers.hpp>
#include <stationhit/workflow/train.hpp>

#include "force_option.hpp"
#include "frame/built_parts.hpp"
#include "frame/verbs.hpp"
#include "load_run.hpp"
#include "print_results.hpp"

namespace stationhit::app {
namespace {

// The first rank shows and records what the training does, and tests it.
void train_and_test(const Program& program, const config::RunConfig& run_config,
                    const workflow::RunOptions& options, const workflow::RunRanks& ranks) {
  const auto log_to_file = [&] {
    if (!options.debug) open_run_log(run_config.experiment_dir, program.log());
  };
  program.log().info("configuration:\n" + config::dump(run_config));
  workflow::RunTrackers trackers(run_config, options, program.log(),
                                 {{"ROOT", built_parts.root},
                                  {"Torch", built_parts.torch},
                                  {"ONNX Runtime", built_parts.onnx_runtime}},
                                 ranks.ranks().size());
  const auto trained = workflow::train(
      run_config, options, program,
      {.begun = log_to_file,
       .epoch_done =
           [&](const training::EpochMetrics& row) {
             print_epoch(row);
             trackers.log_epoch(row);
           },
       .first_stage_epoch_done =
           [&](const training::EpochMetrics& row) {
             print_epoch(row);
             trackers.log_first_stage_epoch(row);
           },
       .progress = [&](const training::TrainingProgress& now) { trackers.log_progress(now); }},
      ranks);
  log_to_file();  // also where nothing was left to train
  if (!trained.network) return trackers.finish(tracking::EndState::interrupted);
  if (!options.debug)
    print_lines(std::to_string(trained.training.parameters) + " parameters, best epoch " +
                std::to_string(trained.training.best_epoch) + " of " +
                std::to_string(trained.training.history.size()) + ": " +
                trained.training.best_checkpoint.string() + "\n");
  const auto tested = workflow::evaluate_checkpoint(run_config, *trained.network, options, program);
  if (!tested) return trackers.finish(tracking::EndState::interrupted);
  trackers.log_test(*tested, trained.training.best_epoch);
  print_test(*tested);
  trackers.finish(tracking::EndState::finished);
}

// Silent, but it hears of signals.
class OtherRank final : public core::Observer {
 public:
  [[nodiscard]] const std::atomic<bool>& stop_flag() const override {
    return Program::signal_flag();
  }
};

void run(const Program& program, workflow::ExistingResults existing) {
  begin_run_log();
  const auto run_config = load_run(program);
  training::keep_freed_memory();
  const workflow::RunOptions options{program.options.config_file, program.options.debug, existing};
  const workflow::RunRanks ranks(run_config, program);
  const auto work = [&] {
    if (ranks.ranks().is_first()) return train_and_test(program, run_config, options, ranks);
    (void)workflow::train(run_config, options, OtherRank(), {}, ranks);
  };
  ranks.run(work, program);
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("train", "Train a network");
  add_common_options(*verb, program);
  const auto existing =
      add_force_option(*verb, "the training that experiment_dir holds, and begin again");
  verb->callback([&program, existing] { run(program, *existing); });
}

}  // namespace stationhit::app
