// Settings of the training loop and what they may be. Header only and free of Torch: programs
// without Torch read and check configurations too.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/setting_rule.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::training {

struct OptimizerConfig {
  std::string name = "adamw";  // adamw | adam | sgd | lion
  double learning_rate = 1e-3;
  double weight_decay = 1e-2;
  double gradient_clip = 0.0;  // largest L2 norm of all gradients together, 0 = no clipping
};

struct SchedulerConfig {
  std::string name = "reduce_lr_on_plateau";  // reduce_lr_on_plateau | one_cycle | cosine | none
  double factor = 0.5;        // reduce_lr_on_plateau: the learning rate is multiplied by this ...
  std::int32_t patience = 3;  // ... after so many epochs without improvement
  double min_learning_rate = 1e-6;  // reduce_lr_on_plateau, cosine
  double warmup =
      0.1;  // one_cycle, cosine: share of the optimizer steps in which the learning rate rises
};

struct EarlyStoppingConfig {
  bool enabled = true;
  std::int32_t patience = 8;  // epochs without improvement
  double min_delta = 0.0;
};

struct LossConfig {
  std::string name = "bce";  // bce | focal
  std::string pos_weight =
      "auto";           // auto = background nodes / signal nodes of the training split, or a number
  double alpha = 0.25;  // focal: weight of signal nodes, that of the others is 1 - alpha
  double gamma = 2.0;   // focal: how much well classified nodes are weighed down
};

struct TrainingConfig {
  std::int32_t epochs = 20;
  std::int32_t batch_size = 4;       // events per optimizer step
  std::string monitor = "val_loss";  // val_loss | val_auc | val_purity_0.99: early stopping,
                                     // schedule and the best checkpoint follow it
  OptimizerConfig optimizer;
  SchedulerConfig scheduler;
  EarlyStoppingConfig early_stopping;
  LossConfig loss;
  // Share of the groups (buckets) without signal that an epoch trains on, drawn anew every epoch;
  // their nodes weigh 1/share, so that loss and gradients are on average those of all groups. 1 =
  // all of them.
  double background_share = 1.0;
  std::int32_t prefetch_batches = 4;  // bounded queue between the loader and the loop
  bool resume =
      true;  // continue from checkpoints/last where the run directory has one with the same config
};

namespace rules {
inline const core::SettingRule epochs = core::at_least(1);
inline const core::SettingRule batch_size = core::between(1, 4096);
inline const core::SettingRule monitor = core::one_of({"val_loss", "val_auc", "val_purity_0.99"});
inline const core::SettingRule optimizer = core::one_of({"adamw", "adam", "sgd", "lion"});
inline const core::SettingRule learning_rate = core::above(0);
inline const core::SettingRule weight_decay = core::at_least(0);
inline const core::SettingRule gradient_clip = core::at_least(0);
inline const core::SettingRule scheduler =
    core::one_of({"reduce_lr_on_plateau", "one_cycle", "cosine", "none"});
inline const core::SettingRule factor = core::between(0.001, 0.999);
inline const core::SettingRule scheduler_patience = core::at_least(0);
inline const core::SettingRule min_learning_rate = core::at_least(0);
inline const core::SettingRule warmup = core::between(0, 0.9);
inline const core::SettingRule stopping_patience = core::at_least(1);
inline const core::SettingRule min_delta = core::at_least(0);
inline const core::SettingRule loss = core::one_of({"bce", "focal"});
inline const core::SettingRule focal_alpha = core::between(0.001, 0.999);
inline const core::SettingRule focal_gamma = core::between(0, 10);
inline const core::SettingRule background_share = core::above_to(0, 1);
inline const core::SettingRule prefetch_batches = core::between(1, 1024);
}  // namespace rules

inline void check(const OptimizerConfig& config) {
  core::require("training.optimizer.name", config.name, rules::optimizer);
  core::require("training.optimizer.learning_rate", config.learning_rate, rules::learning_rate);
  core::require("training.optimizer.weight_decay", config.weight_decay, rules::weight_decay);
  core::require("training.optimizer.gradient_clip", config.gradient_clip, rules::gradient_clip);
}

inline void check(const SchedulerConfig& config, double learning_rate) {
  core::require("training.scheduler.name", config.name, rules::scheduler);
  core::require("training.scheduler.factor", config.factor, rules::factor);
  core::require("training.scheduler.patience", config.patience, rules::scheduler_patience);
  core::require("training.scheduler.min_learning_rate", config.min_learning_rate,
                rules::min_learning_rate);
  core::require("training.scheduler.warmup", config.warmup, rules::warmup);
  if (config.name == "none" || config.name == "one_cycle" ||
      config.min_learning_rate <= learning_rate)
    return;
  throw core::ConfigError("training.scheduler.min_learning_rate (" +
                          core::to_text(config.min_learning_rate) +
                          ") is above training.optimizer.learning_rate (" +
                          core::to_text(learning_rate) + "); lower it");
}

inline void check_pos_weight(const std::string& text) {
  if (text == "auto") return;
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc{} && result.ptr == text.data() + text.size() && std::isfinite(value) &&
      value > 0)
    return;
  throw core::ConfigError("training.loss.pos_weight: expected auto or a number > 0, found '" +
                          text + "'");
}

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const TrainingConfig& config) {
  core::require("training.epochs", config.epochs, rules::epochs);
  core::require("training.batch_size", config.batch_size, rules::batch_size);
  core::require("training.monitor", config.monitor, rules::monitor);
  check(config.optimizer);
  check(config.scheduler, config.optimizer.learning_rate);
  core::require("training.early_stopping.patience", config.early_stopping.patience,
                rules::stopping_patience);
  core::require("training.early_stopping.min_delta", config.early_stopping.min_delta,
                rules::min_delta);
  core::require("training.loss.name", config.loss.name, rules::loss);
  check_pos_weight(config.loss.pos_weight);
  core::require("training.loss.alpha", config.loss.alpha, rules::focal_alpha);
  core::require("training.loss.gamma", config.loss.gamma, rules::focal_gamma);
  core::require("training.background_share", config.background_share, rules::background_share);
  core::require("training.prefetch_batches", config.prefetch_batches, rules::prefetch_batches);
}

}  // namespace stationhit::training
