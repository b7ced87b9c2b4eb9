// The validation split after an epoch.
#pragma once

#include <map>
#include <string>

#include <stationhit/training/trainer.hpp>

namespace stationhit::training {

struct Validation {
  double loss = 0, auc = 0,
         purity = 0;  // NaN where they have no meaning (no events; no signal or no background)
  std::map<std::string, float> thresholds;  // by working point; empty without signal
  double loader_wait = 0;                   // s
  bool complete = true;                     // false: the stop flag came
};

[[nodiscard]] Validation validate(models::Network& network, const TrainingRun& run,
                                  features::LabelledEventStream& events, double pos_weight,
                                  std::int32_t epoch, const TrainingHooks& hooks);

}  // namespace stationhit::training
