// Settings of the training loop and what they may be. Header only and free of Torch: programs
// without Torch read and check configurations too.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/training/callback_list.hpp>
#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::training {

enum class OptimizerType { adamw, adam, sgd, lion };
constexpr auto names_of(OptimizerType) {
  return std::to_array<std::string_view>({"adamw", "adam", "sgd", "lion"});
}

// How the learning rate changes in the course of the training.
enum class SchedulerType { reduce_lr_on_plateau, one_cycle, cosine, none };
constexpr auto names_of(SchedulerType) {
  return std::to_array<std::string_view>({"reduce_lr_on_plateau", "one_cycle", "cosine", "none"});
}

// Binary cross entropy with logits, or focal loss.
enum class LossType { bce, focal };
constexpr auto names_of(LossType) { return std::to_array<std::string_view>({"bce", "focal"}); }

// In which the products of a training step are made: bf16 = those that lose little by it.
enum class Precision { float32, bf16 };
constexpr auto names_of(Precision) { return std::to_array<std::string_view>({"float32", "bf16"}); }

struct OptimizerConfig {
  OptimizerType name = OptimizerType::adamw;
  double learning_rate = 1e-3;
  double weight_decay = 1e-2;
  double gradient_clip = 0.0;  // largest L2 norm of all gradients together, 0 = no clipping

  static void describe(auto& self, auto&& setting) {
    setting("name", self.name, "Optimizer");
    setting("learning_rate", self.learning_rate,
            "Learning rate: at the start, or the largest of one_cycle and cosine", core::above(0));
    setting("weight_decay", self.weight_decay, "Weight decay", core::at_least(0));
    setting("gradient_clip", self.gradient_clip,
            "Largest L2 norm of all gradients together, 0 = no clipping", core::at_least(0));
  }
};

struct SchedulerConfig {
  SchedulerType name = SchedulerType::reduce_lr_on_plateau;
  double factor = 0.5;        // reduce_lr_on_plateau: the learning rate is multiplied by this ...
  std::int32_t patience = 3;  // ... after so many epochs without improvement
  double min_learning_rate = 1e-6;  // reduce_lr_on_plateau, cosine
  // one_cycle, cosine: share of the optimizer steps in which the learning rate rises.
  double warmup = 0.1;

  static void describe(auto& self, auto&& setting) {
    setting("name", self.name, "Schedule");
    setting("factor", self.factor,
            "reduce_lr_on_plateau: the learning rate is multiplied by this ...",
            core::between(0.001, 0.999));
    setting("patience", self.patience, "... after so many epochs without improvement",
            core::at_least(0));
    setting("min_learning_rate", self.min_learning_rate,
            "reduce_lr_on_plateau and cosine stop at this learning rate", core::at_least(0));
    setting("warmup", self.warmup,
            "one_cycle and cosine: share of the optimizer steps in which the learning rate rises",
            core::between(0, 0.9));
  }
};

struct EarlyStoppingConfig {
  bool enabled = true;
  std::int32_t patience = 8;  // epochs without improvement
  double min_delta = 0.0;

  static void describe(auto& self, auto&& setting) {
    setting("enabled", self.enabled, "Stop when the monitored number no longer improves");
    setting("patience", self.patience, "Epochs without improvement until then", core::at_least(1));
    setting("min_delta", self.min_delta, "A change below this is no improvement",
            core::at_least(0));
  }
};

// The callback keep_best.
struct KeepBestConfig {
  std::int32_t k = 3;               // so many epochs
  std::string metric = "val_loss";  // one of comparable_metrics

  static void describe(auto& self, auto&& setting) {
    setting("k", self.k, "callbacks: [keep_best]: keep the checkpoints of so many epochs",
            core::between(1, 1000));
    setting("metric", self.metric,
            "Those that are the best by this column of metrics.csv, one of those that "
            "training.monitor takes");
  }
};

// The callback ema.
struct EmaConfig {
  double decay = 0.999;  // what a step leaves of the average

  static void describe(auto& self, auto&& setting) {
    setting("decay", self.decay,
            "callbacks: [ema]: every step leaves this share of the average of the weights; the "
            "rest comes from the new weights",
            core::inside(0, 1));
  }
};

struct LossConfig {
  LossType name = LossType::bce;
  // Weight of signal nodes; nothing (auto) = background nodes / signal nodes of the training split.
  std::optional<double> pos_weight;
  double alpha = 0.25;  // focal: weight of signal nodes, that of the others is 1 - alpha
  double gamma = 2.0;   // focal: how much well classified nodes are weighed down

  static void describe(auto& self, auto&& setting) {
    setting("name", self.name, "Binary cross entropy with logits, or focal loss");
    setting("pos_weight", self.pos_weight,
            "bce: weight of signal nodes, auto = background nodes / signal nodes of the training "
            "split",
            core::above(0));
    setting("alpha", self.alpha, "focal: weight of signal nodes, that of the others is 1 - alpha",
            core::between(0.001, 0.999));
    setting("gamma", self.gamma, "focal: how much well classified nodes are weighed down",
            core::between(0, 10));
  }
};

struct TrainingConfig {
  std::int32_t epochs = 20;
  std::uint64_t events = 0;               // the first events of the training split; 0 = all
  std::int32_t batch_size = 4;            // events of a batch
  std::uint32_t accumulate_batches = 1;   // batches per optimizer step
  std::uint32_t limit_train_batches = 0;  // of an epoch; 0 = all
  std::uint32_t limit_val_batches = 0;    // of a validation; 0 = all
  // The same first batches of the training split in every epoch, in their order, and validation on
  // them; 0 = the splits as they are.
  std::uint32_t overfit_batches = 0;
  std::uint32_t sanity_val_batches = 2;  // of the validation split, before the first epoch
  // One of comparable_metrics: early stopping, schedule and the best checkpoint follow it.
  std::string monitor = "val_loss";
  OptimizerConfig optimizer;
  SchedulerConfig scheduler;
  EarlyStoppingConfig early_stopping;
  std::vector<CallbackType> callbacks;  // besides early stopping and the best checkpoint
  KeepBestConfig keep_best;
  EmaConfig ema;
  LossConfig loss;
  // Share of the groups (buckets) without signal that an epoch trains on, drawn anew every epoch;
  // their nodes weigh 1/share, so that loss and gradients are on average those of all groups. 1 =
  // all of them.
  double background_share = 1.0;
  // two_stage: probability of each sector of a station layer to be missing in an event that the
  // second stage trains on, drawn anew every epoch. A network that always sees all stations takes
  // for background what some of them do not confirm, also where a chamber is off.
  double missing_stations = 0;
  // two_stage: epochs of the first stage, before those of the second. background_share thins these
  // epochs only, because the second stage sees the surroundings of a hit in all its event.
  std::int32_t first_stage_epochs = 10;
  // MiB. Inputs of the training split (two_stage: of its hits that the first stage keeps) up to
  // this size stay in memory; of larger ones every epoch reads the split again.
  std::uint32_t memory_limit = 1024;
  std::int32_t prefetch_batches = 4;  // bounded queue between the loader and the loop
  Precision precision = Precision::float32;
  bool deterministic = false;  // GPU: sums in a fixed order, or an error where Torch has none
  bool resume =
      true;  // continue from checkpoints/last where the run directory has one with the same config

  static void describe(auto& self, auto&& setting) {
    setting("epochs", self.epochs, "Passes over the training split", core::at_least(1));
    setting("events", self.events, "Train on so many events, the first of the split; 0 = all");
    setting("batch_size", self.batch_size,
            "Events of a batch, from each rank; accumulate_batches of them make an optimizer step",
            core::between(1, 4096));
    setting("accumulate_batches", self.accumulate_batches,
            "Batches per optimizer step: the result is that of a batch_size that is so many times "
            "as large",
            core::between(1, 4096));
    setting("limit_train_batches", self.limit_train_batches,
            "Batches of an epoch, others in every epoch (`events` takes the same first events of "
            "the split in all of them); 0 = all");
    setting("limit_val_batches", self.limit_val_batches,
            "Validate on so many batches, the first of the validation split; 0 = all");
    setting("overfit_batches", self.overfit_batches,
            "Train on the same so many batches in every epoch, the first of the training split, "
            "without shuffling, and validate on them: a network that cannot learn them has a "
            "fault; limit_train_batches and limit_val_batches then have no effect; 0 = off");
    setting("sanity_val_batches", self.sanity_val_batches,
            "Batches of the validation split that are tried before the first epoch, so that a "
            "fault in the validation shows at once; 0 = none");
    setting("monitor", self.monitor,
            "Column of metrics.csv that early stopping, schedule and the best checkpoint follow: "
            "train_loss, val_loss, val_auc, or val_purity_ with 0.99 or one of the working_points "
            "behind it");
    setting("optimizer", self.optimizer, "Optimizer");
    setting("scheduler", self.scheduler, "Learning-rate schedule");
    setting("early_stopping", self.early_stopping, "End of the training before its last epoch");
    setting("callbacks", self.callbacks,
            "What the training does besides: keep_best = keep the checkpoints of the best epochs, "
            "ema = validate, save and test an average of the weights, norms = norms.csv, norms of "
            "gradients and weights by epoch, steps = steps.csv, learning rate, loss and gradient "
            "norm by step, profile = profile.csv, where the time of the steps goes");
    setting("keep_best", self.keep_best, "Checkpoints of the best epochs");
    setting("ema", self.ema, "Exponential moving average of the weights");
    setting("loss", self.loss, "Loss per node of the graph");
    setting("background_share", self.background_share,
            "Share of the buckets without signal that an epoch trains on, drawn anew every epoch "
            "and weighted by 1/share; 1 = all of them. two_stage: of its first stage",
            core::above_to(0, 1));
    setting("missing_stations", self.missing_stations,
            "two_stage: probability of each of the 16 sectors of a station layer to be missing in "
            "an event that the second stage trains on, drawn anew every epoch",
            core::between(0.0, 0.5));
    setting("first_stage_epochs", self.first_stage_epochs,
            "two_stage: epochs of the first stage, before those of the second", core::at_least(1));
    setting("memory_limit", self.memory_limit,
            "Inputs of the training split up to this size in MiB stay in memory; larger ones are "
            "made again in every epoch",
            core::between(0, 1 << 24));
    setting("prefetch_batches", self.prefetch_batches,
            "Batches prepared ahead of the training step", core::between(1, 1024));
    setting("precision", self.precision,
            "GPU: float32, or bf16 = matrix products and convolutions of the training in bfloat16");
    setting("deterministic", self.deterministic,
            "GPU: the same results in every run, and slower; on the CPU they always are");
    setting("resume", self.resume,
            "Continue from checkpoints/last where the run directory has one with the same config");
  }
};

inline void check_learning_rates(const SchedulerConfig& config, double learning_rate) {
  if (config.name == SchedulerType::none || config.name == SchedulerType::one_cycle ||
      config.min_learning_rate <= learning_rate)
    return;
  throw core::ConfigError("training.scheduler.min_learning_rate (" +
                          core::to_text(config.min_learning_rate) +
                          ") is above training.optimizer.learning_rate (" +
                          core::to_text(learning_rate) + "); lower it");
}

// A metric that epochs are compared by, of the setting `key`. Those that are allowed depend on the
// working points of the run. Throws ConfigError listing them.
inline void check_metric(const std::string& key, const std::string& metric,
                         std::span<const double> working_points) {
  core::require(key, metric, core::one_of(comparable_metrics(working_points)));
}
inline constexpr const char* monitor_key = "training.monitor";
inline constexpr const char* keep_best_metric_key = "training.keep_best.metric";

// Throws ConfigError naming the key, its value and what is allowed.
inline void check(const TrainingConfig& config) {
  core::check_settings(config, "training");
  check_learning_rates(config.scheduler, config.optimizer.learning_rate);
}

}  // namespace stationhit::training
