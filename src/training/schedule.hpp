// Learning rates that follow the course of the training and not a monitored number.
#pragma once

#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

// The learning rate of the optimizer step that comes after the share `progress` (0 .. 1) of all
// steps of the training. `current` is the learning rate that reduce_lr_on_plateau has reached; the
// other schedules do not use it.
//   one_cycle: from learning_rate / 25 up to learning_rate during the first `warmup` of the steps,
//              then down to learning_rate / 250,000, both along half a cosine (Smith and Topin,
//              arXiv:1708.07120; momentum stays as it is);
//   cosine:    from 0 up to learning_rate on a straight line during `warmup`, then down to
//              min_learning_rate along half a cosine (Loshchilov and Hutter, arXiv:1608.03983,
//              without restarts).
[[nodiscard]] double scheduled_learning_rate(const SchedulerConfig& config, double learning_rate,
                                             double current, double progress);

}  // namespace stationhit::training
