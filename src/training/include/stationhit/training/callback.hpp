// What a training does beside its steps: it looks at steps and epochs, keeps files, says which
// weights are measured, and may end the training. One object serves one training, in each of its
// ranks. A class of your own goes into a list (callback_list.hpp) or into TrainingHooks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include <stationhit/core/logger.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/callback_list.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/epoch_result.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// What a callback keeps in checkpoints/last.
struct CallbackState {
  std::map<std::string, double> numbers;
  std::map<std::string, torch::Tensor> tensors;  // float32 or int64
};

// A training before the first epoch of this call. All outlive the callback.
struct TrainingStart {
  const TrainingRun& run;
  const models::Network& network;            // that is trained
  const std::vector<EpochMetrics>& history;  // of the completed epochs; empty: a new training
};

// Where the time of a step goes until its gradients are there, in s of this rank. What several
// threads do side by side counts by their average.
struct StepTimes {
  double waiting = 0;  // for events
  double making = 0;   // graph and features of events, in other threads meanwhile
  double tensors = 0;  // inputs of the network, thinning of the background
  double forward = 0;  // with the loss
  double backward = 0;
  double summing = 0;  // of the gradients of the events, and threads without an event
  double all_reduce = 0;

  StepTimes& operator+=(const StepTimes& other) {
    waiting += other.waiting;
    making += other.making;
    tensors += other.tensors;
    forward += other.forward;
    backward += other.backward;
    summing += other.summing;
    all_reduce += other.all_reduce;
    return *this;
  }
};

// One optimizer step, of all ranks together.
struct StepReport {
  std::int32_t epoch = 0;
  std::uint64_t step = 0;    // 1, 2, ... of the epoch
  std::uint64_t events = 0;  // of the epoch so far
  double loss = 0;           // mean over the nodes of the step
  double learning_rate = 0;
  // Of this loss, in the order of trained_parameters(). Before the step those that were computed;
  // after it they may be clipped.
  const std::vector<torch::Tensor>& gradients;
  StepTimes times = {};
};

// An epoch that is trained and validated.
struct EpochReport {
  const EpochResult& result;
  const std::vector<EpochMetrics>& history;  // with this epoch
  const models::Network& trained;
  const models::Network& validated;      // whose metrics these are
  const CheckpointMetadata& checkpoint;  // of a checkpoint of the validated network
};

// The calls come in this order: restore() where a training is continued and checkpoints/last has a
// state of this name, begin(), for every step learning_rate(), before_step() and after_step(), for
// every epoch after_epoch() and after_save(), end(). Every rank makes the same calls with the same
// values and has to decide the same; files are written only where writes_files(run). What a call
// throws ends the training.
class Callback {
 public:
  virtual ~Callback() = default;
  // In checkpoints; each name once in a training.
  [[nodiscard]] virtual std::string name() const = 0;

  virtual void begin(const TrainingStart& /*start*/) {}
  // The learning rate of the next step, where the schedule and earlier callbacks give `scheduled`.
  [[nodiscard]] virtual double learning_rate(double scheduled) { return scheduled; }
  virtual void before_step(const StepReport& /*step*/) {}
  // network: with the weights after the step.
  virtual void after_step(const StepReport& /*step*/, const models::Network& /*network*/) {}
  // Before checkpoints/last is written, and after it was: a file that belongs to the epoch is
  // complete before, so that a killed training lacks nothing; one that the epoch makes superfluous
  // is removed after.
  virtual void after_epoch(const EpochReport& /*epoch*/) {}
  virtual void after_save() {}
  // After the last epoch of this call, also of an interrupted one.
  virtual void end(const core::Logger& /*log*/) {}

  // The network to validate and to save in the place of the one that is trained; null: that one.
  [[nodiscard]] virtual std::shared_ptr<models::Network> validated_network() { return nullptr; }
  // Whether the training ends here. Asked before every epoch.
  [[nodiscard]] virtual bool wants_stop() const { return false; }

  [[nodiscard]] virtual CallbackState state() const { return {}; }
  // Throws DataError for a state that is not one of this callback and network.
  virtual void restore(const CallbackState& /*state*/) {}
};

// make_<name> of every callback of callback_list.hpp, defined in src/training/<name>.cpp, and of
// those that every training has.
#define STATIONHIT_DECLARE_CALLBACK(name) \
  [[nodiscard]] std::unique_ptr<Callback> make_##name(const TrainingRun& run);
STATIONHIT_FOR_EACH_CALLBACK(STATIONHIT_DECLARE_CALLBACK)
STATIONHIT_DECLARE_CALLBACK(early_stopping)
STATIONHIT_DECLARE_CALLBACK(best_checkpoint)
#undef STATIONHIT_DECLARE_CALLBACK

// Whether this rank writes the files of the training.
[[nodiscard]] inline bool writes_files(const TrainingRun& run) {
  return !run.debug && run.keeps_files && run.ranks.is_first();
}

}  // namespace stationhit::training
