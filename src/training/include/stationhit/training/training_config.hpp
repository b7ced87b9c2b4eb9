// Settings of the training loop. Free of Torch.
#pragma once

#include <cstdint>
#include <string>

namespace stationhit::training {

struct OptimizerConfig {
  std::string name = "adamw";  // adamw | adam | sgd
  double learning_rate = 1e-3;
  double weight_decay = 1e-2;
  double gradient_clip = 0.0;  // largest L2 norm of all gradients together, 0 = no clipping
};

struct SchedulerConfig {
  std::string name = "reduce_lr_on_plateau";  // reduce_lr_on_plateau | none
  double factor = 0.5;                        // learning rate is multiplied by this ...
  std::int32_t patience = 3;                  // ... after so many epochs without improvement
  double min_learning_rate = 1e-6;
};

struct EarlyStoppingConfig {
  bool enabled = true;
  std::int32_t patience = 8;  // epochs without improvement
  double min_delta = 0.0;
};

struct LossConfig {
  std::string name = "bce";         // bce
  std::string pos_weight = "auto";  // auto = background nodes / signal nodes of the training split, or a number
};

struct TrainingConfig {
  std::int32_t epochs = 20;
  std::int32_t batch_size = 4;       // events per optimiser step
  std::string monitor = "val_loss";  // val_loss | val_auc | val_purity_0.99: early stopping, schedule and the best checkpoint follow it
  OptimizerConfig optimizer;
  SchedulerConfig scheduler;
  EarlyStoppingConfig early_stopping;
  LossConfig loss;
  // Share of the groups (buckets) without signal that an epoch trains on, drawn anew every epoch; their nodes weigh 1/share, so that loss and gradients
  // are on average those of all groups. 1 = all of them.
  double background_share = 1.0;
  std::int32_t prefetch_batches = 4;  // bounded queue between the loader and the loop
  bool resume = true;                 // continue from checkpoints/last where the run directory has one with the same config
};

}  // namespace stationhit::training
