#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include <stationhit/training/trainer.hpp>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/shuffle.hpp>

#include "batch_gradients.hpp"
#include "checkpoint_io.hpp"
#include "limits.hpp"
#include "loss.hpp"
#include "optimizer.hpp"
#include "progress_state.hpp"
#include "samples.hpp"
#include "schedule.hpp"
#include "torch_threads.hpp"
#include "validation.hpp"

namespace stationhit::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Trainer {
 public:
  Trainer(const TrainingRun& run, const TrainingData& data, const TrainingHooks& hooks)
      : run_(run),
        data_(data),
        hooks_(hooks),
        samples_(run, data),
        last_(run.directory / "checkpoints" / "last.safetensors"),
        best_(run.directory / "checkpoints" / "best.safetensors") {}

  TrainingResult train() {
    build();
    const bool resumed = resume();
    prepare_data(resumed);
    if (!resumed && !stopped()) start_directory();
    while (!stopped() && !progress_.stopped_early && epoch_ < epochs_of(run_)) {
      if (!one_epoch()) break;
    }
    return result();
  }

 private:
  [[nodiscard]] bool stopped() const { return hooks_.stop != nullptr && hooks_.stop->load(); }

  void build() {
    torch::manual_seed(run_.seed);
    network_ = models::build_network(run_.model, run_.features, run_.normalization);
    if (!run_.initial_weights.empty())
      (void)read_training_checkpoint(run_.initial_weights, *network_);
    optimizer_ = make_optimizer(run_.training.optimizer, *network_);
    progress_ = start_progress(run_.training);
  }

  [[nodiscard]] CheckpointMetadata metadata() const {
    CheckpointMetadata metadata;
    metadata.program_version = core::version();
    metadata.git_commit = core::git_commit();
    metadata.config_yaml = run_.config_yaml;
    metadata.model = run_.model;
    metadata.feature_names = run_.features;
    metadata.graph = run_.graph;
    metadata.normalization = run_.normalization;
    metadata.optimizer = run_.training.optimizer.name;
    metadata.pos_weight = pos_weight_;
    metadata.epoch = epoch_;
    return metadata;
  }

  // False: this run starts from the beginning.
  bool resume() {
    if (run_.debug || !run_.training.resume || !std::filesystem::exists(last_)) return false;
    require_same_network(
        read_checkpoint_metadata(last_), metadata(), last_,
        "give another experiment_dir, or set training.resume: false to start again");
    auto checkpoint = read_training_checkpoint(last_, *network_);
    if (!checkpoint.metadata.progress) {
      throw core::DataError(last_.string() +
                            ": has no training state, so the run cannot be continued from it; set "
                            "training.resume: false to start again");
    }
    restore_optimizer_state(*optimizer_, *network_, checkpoint.optimizer);
    progress_ = *checkpoint.metadata.progress;
    // More patience in the configuration continues a run that stopped early.
    progress_.stopped_early = run_.training.early_stopping.enabled &&
                              progress_.stopping_waited >= run_.training.early_stopping.patience;
    history_ = std::move(checkpoint.metadata.history);
    epoch_ = checkpoint.metadata.epoch;
    pos_weight_ = checkpoint.metadata.pos_weight;
    hooks_.log.info("continuing " + last_.string() + " after epoch " + std::to_string(epoch_));
    return true;
  }

  void prepare_data(bool resumed) {
    if (resumed && (progress_.stopped_early || epoch_ >= epochs_of(run_))) return;
    const bool automatic = run_.training.loss.pos_weight == "auto";
    const NodeCounts counts = samples_.prepare(automatic && !resumed, hooks_);
    events_per_epoch_ = std::min(counts.events_in_split, events_limit(run_));
    if (stopped()) return;
    if (counts.events == 0)
      throw core::DataError("the training split has no events; check train_path");
    hooks_.log.info(samples_.cached() ? "the inputs of the training split stay in memory"
                                      : "the training split is read again in every epoch");
    if (!automatic) {
      pos_weight_ = std::stod(run_.training.loss.pos_weight);
    } else if (!resumed) {
      pos_weight_ = automatic_pos_weight(counts);
    }
  }

  [[nodiscard]] double automatic_pos_weight(const NodeCounts& counts) const {
    if (counts.signal == 0 && !run_.debug) {
      throw core::DataError("training.loss.pos_weight: auto needs signal hits, but the " +
                            std::to_string(counts.events) +
                            " events of the training split have none; check train_path and the "
                            "cuts of prepare, or give a number");
    }
    return counts.signal == 0
               ? 1.0
               : static_cast<double>(counts.background) / static_cast<double>(counts.signal);
  }

  // From here on an interrupted run has something to continue from.
  void start_directory() {
    if (run_.debug) return;
    std::filesystem::create_directories(last_.parent_path());
    std::filesystem::remove(best_);
    save_last(metadata());
  }

  // False if it was interrupted: nothing of it is kept, so that continuing is exact.
  bool one_epoch() {
    const auto start = Clock::now();
    EpochMetrics metrics;
    metrics.epoch = epoch_ + 1;
    if (!train_epoch(metrics)) return false;
    const auto events = data_.validation();
    const Validation validation =
        validate(*network_, run_, *events, pos_weight_, metrics.epoch, hooks_);
    if (!validation.complete) return false;
    metrics.val_loss = validation.loss;
    metrics.val_auc = validation.auc;
    metrics.val_purity = validation.purity;
    metrics.loader_wait += validation.loader_wait;
    metrics.seconds = seconds_since(start);
    finish_epoch(metrics, validation);
    return true;
  }

  void finish_epoch(const EpochMetrics& metrics, const Validation& validation) {
    check_monitor(metrics);
    epoch_ = metrics.epoch;
    history_.push_back(metrics);
    const bool improved = advance(progress_, run_.training, metrics);
    if (!run_.debug) save(metrics, validation, improved);
    if (hooks_.epoch_done) hooks_.epoch_done(metrics);
  }

  void check_monitor(const EpochMetrics& metrics) const {
    if (run_.debug || !std::isnan(monitored(run_.training, metrics))) return;
    throw core::DataError("training.monitor: " + run_.training.monitor +
                          " is not a number after epoch " + std::to_string(metrics.epoch) +
                          ": the validation split has no events, no signal hits or no background "
                          "hits; check val_path");
  }

  void save(const EpochMetrics& metrics, const Validation& validation, bool improved) {
    CheckpointMetadata current = metadata();
    current.metrics = metrics;
    current.thresholds = validation.thresholds;
    if (improved) write_checkpoint(best_, *network_, {}, current);
    save_last(current);
    core::write_text_file(run_.directory / "metrics.csv", metrics_csv(history_));
  }

  void save_last(CheckpointMetadata current) {
    current.history = history_;
    current.progress = progress_;
    write_checkpoint(last_, *network_, optimizer_state(*optimizer_, *network_), current);
  }

  using Batch = std::vector<std::shared_ptr<const Sample>>;

  // The next events, fewer at the end of the epoch. Adds the time it took.
  [[nodiscard]] Batch next_batch(const SampleSource::Stream& stream, double& seconds) const {
    const auto start = Clock::now();
    Batch batch;
    while (batch.size() < static_cast<std::size_t>(run_.training.batch_size)) {
      auto sample = stream();
      if (!sample) break;
      batch.push_back(std::move(sample));
    }
    seconds += seconds_since(start);
    return batch;
  }

  [[nodiscard]] StepSettings step_settings(std::int32_t epoch) const {
    // Chance depends on seed and epoch only, which makes continuing exact.
    const auto seed = mixed_seed(run_.seed, static_cast<std::uint64_t>(epoch));
    const auto k = graph::table_columns(run_.graph);
    return {run_.training.loss,
            pos_weight_,
            k,
            run_.training.background_share,
            seed,
            core::resolve_threads(run_.threads)};
  }

  bool train_epoch(EpochMetrics& metrics) {
    const auto start = Clock::now();
    network_->train();
    const StepSettings settings = step_settings(metrics.epoch);
    const auto stream = samples_.stream(static_cast<std::uint64_t>(metrics.epoch));
    double loss = 0;
    std::uint64_t nodes = 0, events = 0;
    while (events < events_limit(run_)) {
      const Batch batch = next_batch(stream, metrics.loader_wait);
      if (batch.empty()) break;
      std::uint64_t batch_nodes = 0;
      for (const auto& sample : batch) batch_nodes += sample->labels.size();
      metrics.learning_rate = learning_rate(metrics.epoch, events);
      set_learning_rate(*optimizer_, metrics.learning_rate);
      loss += step(batch, settings, metrics.epoch, events) * static_cast<double>(batch_nodes);
      nodes += batch_nodes;
      events += batch.size();
      metrics.train_loss = loss / static_cast<double>(std::max<std::uint64_t>(nodes, 1));
      if (hooks_.progress) {
        hooks_.progress({Phase::training, metrics.epoch, epochs_of(run_), events, events_per_epoch_,
                         metrics.train_loss});
      }
      if (stopped()) return false;
    }
    events_per_epoch_ = events;
    metrics.events_per_second = static_cast<double>(events) / seconds_since(start);
    return true;
  }

  // Of the step after `events` of the epoch.
  [[nodiscard]] double learning_rate(std::int32_t epoch, std::uint64_t events) const {
    const double of_epoch = static_cast<double>(events) /
                            static_cast<double>(std::max<std::uint64_t>(events_per_epoch_, 1));
    const double progress = (epoch - 1 + of_epoch) / epochs_of(run_);
    return scheduled_learning_rate(run_.training.scheduler, run_.training.optimizer.learning_rate,
                                   progress_.learning_rate, progress);
  }

  double step(const Batch& batch, const StepSettings& settings, std::int32_t epoch,
              std::uint64_t first_event) {
    const BatchGradients result = batch_gradients(*network_, batch, settings, first_event);
    if (!std::isfinite(result.loss)) {
      throw core::DataError("the loss is " + std::to_string(result.loss) + " in epoch " +
                            std::to_string(epoch) + " after " + std::to_string(first_event) +
                            " events; lower training.optimizer.learning_rate, or set "
                            "training.optimizer.gradient_clip or normalization_stats");
    }
    auto parameters = network_->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i].mutable_grad() = result.gradients[i];
    if (run_.training.optimizer.gradient_clip > 0)
      torch::nn::utils::clip_grad_norm_(parameters, run_.training.optimizer.gradient_clip);
    optimizer_->step();
    return result.loss;
  }

  [[nodiscard]] TrainingResult result() const {
    TrainingResult result;
    result.history = history_;
    result.network = network_;
    result.network->eval();
    if (!run_.debug) {
      result.best_checkpoint = best_;
      result.last_checkpoint = last_;
    }
    result.best_epoch = progress_.best_epoch;
    result.pos_weight = pos_weight_;
    for (const auto& parameter : network_->parameters())
      result.parameters += static_cast<std::uint64_t>(parameter.numel());
    result.interrupted = stopped();
    return result;
  }

  const TrainingRun& run_;
  const TrainingData& data_;
  const TrainingHooks& hooks_;
  const OneTorchThread one_thread_;
  SampleSource samples_;
  std::filesystem::path last_, best_;
  std::shared_ptr<models::Network> network_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  ProgressState progress_;
  std::vector<EpochMetrics> history_;
  std::int32_t epoch_ = 0;  // completed
  std::uint64_t events_per_epoch_ = 0;
  double pos_weight_ = 1;
};

}  // namespace

TrainingResult train(const TrainingRun& run, const TrainingData& data, const TrainingHooks& hooks) {
  check(run.training);
  graph::check(run.graph);
  features::check_feature_names(run.features);
  return Trainer(run, data, hooks).train();
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);  // the other arenas give memory back whatever the limits above
#endif
}

}  // namespace stationhit::training
