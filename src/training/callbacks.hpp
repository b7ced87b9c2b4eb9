// The callbacks of a training.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/training/callback.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

#include "learner.hpp"

namespace stationhit::training {

using CallbackStates = std::map<std::string, CallbackState>;  // by name

// Calls them one after the other: early stopping, the best checkpoint, those that
// training.callbacks names, those of the hooks.
class Callbacks {
 public:
  // Throws ConfigError where two have one name.
  Callbacks(const TrainingRun& run, const TrainingHooks& hooks);

  // A callback without a saved state begins anew.
  void restore(const CallbackStates& saved);
  [[nodiscard]] CallbackStates states() const;

  void begin(const TrainingStart& start);
  [[nodiscard]] double learning_rate(double scheduled);
  void before_step(const StepReport& step);
  void after_step(const StepReport& step, const models::Network& network);
  void after_epoch(const EpochReport& epoch);
  void after_save();
  void end(const core::Logger& log);

  // The network to validate: the first that a callback has, or that of the learner.
  [[nodiscard]] std::shared_ptr<models::Network> validated_network(const Learner& learner);
  [[nodiscard]] bool wants_stop() const;

 private:
  std::vector<std::shared_ptr<Callback>> callbacks_;
};

}  // namespace stationhit::training
