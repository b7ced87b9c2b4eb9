// stationhit train: trains, validates, and tests the best checkpoint.
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/find_learning_rate.hpp>
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

// What the verb does.
enum class Task { train_and_test, only_train, find_learning_rate };

// The first rank shows and records what the training does, and tests it.
void train_and_test(const Program& program, const config::RunConfig& run_config,
                    const workflow::RunOptions& options, Task task,
                    const workflow::RunRanks& ranks) {
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
  if (task == Task::only_train) return trackers.finish(tracking::EndState::finished);
  const auto tested = workflow::evaluate_checkpoint(run_config, *trained.network, options, program);
  if (!tested) return trackers.finish(tracking::EndState::interrupted);
  trackers.log_test(*tested, trained.training.best_epoch);
  print_test(*tested);
  trackers.finish(tracking::EndState::finished);
}

void print_learning_rate(const Program& program, const config::RunConfig& run_config,
                         const workflow::FoundLearningRate& found) {
  if (found.test.interrupted) return;
  const auto& steps = found.test.steps;
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), "learning-rate test%s: %zu steps from %.3g to %.3g%s\n",
                found.is_of_first_stage ? " of the first stage" : "", steps.size(),
                steps.front().learning_rate, steps.back().learning_rate,
                found.test.diverged ? ", where the loss diverged" : "");
  print_lines(text.data());
  if (found.suggestion)
    std::snprintf(
        text.data(), text.size(),
        "suggestion, where the loss falls fastest: training.optimizer.learning_rate: %.2g\n",
        *found.suggestion);
  print_lines(found.suggestion ? text.data() : "no suggestion: the loss does not fall\n");
  if (found.folder.empty()) return;
  print_lines(found.folder.string() + "\n");
  open_run_log(run_config.experiment_dir, program.log());
}

// Silent, but it hears of signals.
class OtherRank final : public core::Observer {
 public:
  [[nodiscard]] const std::atomic<bool>& stop_flag() const override {
    return Program::signal_flag();
  }
};

void run(const Program& program, workflow::ExistingResults existing, Task task) {
  begin_run_log();
  const auto run_config = load_run(program, config::RunPurpose::training);
  training::keep_freed_memory();
  const workflow::RunOptions options{program.options.config_file, program.options.debug, existing};
  const workflow::RunRanks ranks(run_config, program);
  const auto train = [&] {
    if (ranks.ranks().is_first()) return train_and_test(program, run_config, options, task, ranks);
    (void)workflow::train(run_config, options, OtherRank(), {}, ranks);
  };
  const auto find_learning_rate = [&] {
    if (ranks.ranks().is_first())
      return print_learning_rate(program, run_config,
                                 workflow::find_learning_rate(run_config, options, program, ranks));
    (void)workflow::find_learning_rate(run_config, options, OtherRank(), ranks);
  };
  const auto work = [&] { task == Task::find_learning_rate ? find_learning_rate() : train(); };
  ranks.run(work, program);
}

}  // namespace

void add_train(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("train", "Train a network");
  add_common_options(*verb, program);
  const auto existing =
      add_force_option(*verb, "the training that experiment_dir holds, and begin again");
  const auto task = std::make_shared<Task>(Task::train_and_test);
  CLI::Option* only_train = verb->add_flag_callback(
      "--no-test", [task] { *task = Task::only_train; },
      "Do not measure the best checkpoint on the test split");
  CLI::Option* find_learning_rate = verb->add_flag_callback(
      "--find-lr", [task] { *task = Task::find_learning_rate; },
      "Only try rising learning rates and suggest one; a training in experiment_dir stays as it "
      "is");
  only_train->excludes(find_learning_rate);
  find_learning_rate->excludes(verb->get_option("--force"));
  verb->callback([&program, existing, task] { run(program, *existing, *task); });
}

}  // namespace stationhit::app
