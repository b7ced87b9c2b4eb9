#include "training_texts.hpp"

#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/tracking/machine.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/early_stopping.hpp>
#include <stationhit/training/run_files.hpp>

namespace stationhit::workflow {

using training::CallbackType;
using training::SchedulerType;

std::string describe_schedule(const training::TrainingConfig& config) {
  const training::SchedulerConfig& schedule = config.scheduler;
  std::string name(core::name(schedule.name));
  std::string warmup = name + ", warmup " + core::to_text(schedule.warmup);
  switch (schedule.name) {
    case SchedulerType::reduce_lr_on_plateau:
      return name + " of " + config.monitor + ", factor " + core::to_text(schedule.factor) +
             ", patience " + std::to_string(schedule.patience);
    case SchedulerType::one_cycle:
      return warmup;
    case SchedulerType::cosine:
      return warmup + ", down to " + core::to_text(schedule.min_learning_rate);
    case SchedulerType::none:
      break;
  }
  return name;
}

std::string describe_weights(const training::TrainingConfig& config) {
  const auto& callbacks = config.callbacks;
  if (std::ranges::find(callbacks, CallbackType::ema) == callbacks.end()) return "as trained";
  return "moving average (ema, decay " + core::to_text(config.ema.decay) + ")";
}

std::string describe_epochs(const std::filesystem::path& run_directory,
                            const training::TrainingConfig& config) {
  std::string epochs = std::to_string(config.epochs);
  const auto last = training::last_checkpoint(run_directory);
  if (!std::filesystem::exists(last)) return epochs;
  try {
    const auto metadata = training::read_checkpoint_metadata(last);
    return std::to_string(metadata.epoch) + " of " + epochs +
           (training::stopped_early(metadata) ? ", ended by early stopping" : "");
  } catch (const core::DataError&) {
    return epochs;  // the results do not depend on this file
  }
}

std::string describe_device(const training::CheckpointMetadata& metadata) {
  if (metadata.device.empty()) return "-";
  return metadata.device + ", " + std::to_string(metadata.ranks) +
         (metadata.ranks == 1 ? " rank" : " ranks");
}

std::string describe_this_machine() {
  const tracking::Machine machine = tracking::describe_machine();
  return (machine.processor.empty() ? machine.architecture : machine.processor) + ", " +
         std::to_string(machine.cores) + (machine.cores == 1 ? " core" : " cores");
}

}  // namespace stationhit::workflow
