// The trainer (training/trainer.hpp) knows neither folders nor YAML: here its data, its settings
// and its hooks are made of a run configuration, and config.yaml is kept beside its checkpoints.
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/shuffle.hpp>
#include <stationhit/workflow/resume_rules.hpp>
#include <stationhit/workflow/train.hpp>

#include "disjoint_splits.hpp"
#include "network_scorer.hpp"
#include "old_results.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

std::optional<features::NormalizationConstants> load_normalization(const config::RunConfig& run) {
  if (run.normalization_stats.empty()) return std::nullopt;
  const auto stats = config::load_normalization_stats(run.normalization_stats);
  return features::constants(features::select(stats, run.features, run.normalization_stats),
                             run.normalization);
}

// Pass 0 in the order of the manifest, epochs with the shards in a new order each. Both verify the
// checksums of the columns: pass 0 may end early where the inputs do not fit into memory.
std::unique_ptr<features::LabeledEventStream> read_training_split(const LabeledSplit& split,
                                                                  std::uint64_t seed,
                                                                  std::uint64_t epoch) {
  return epoch == 0 ? split.read_verified()
                    : split.read_shards(training::shuffled_order(split.n_shards(), seed, epoch));
}

// Passes events on and says when all of them were read.
class ReadToTheEnd final : public features::LabeledEventStream {
 public:
  ReadToTheEnd(std::unique_ptr<features::LabeledEventStream> events, std::shared_ptr<bool> done)
      : events_(std::move(events)), done_(std::move(done)) {}

  std::optional<Job> next() override {
    auto job = events_->next();
    if (!job) *done_ = true;
    return job;
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_->size(); }

 private:
  std::unique_ptr<features::LabeledEventStream> events_;
  std::shared_ptr<bool> done_;
};

// Shows one progress per phase of an epoch.
class PhaseProgress {
 public:
  explicit PhaseProgress(const core::Observer& observer) : observer_(observer) {}

  void show(const training::TrainingProgress& now) {
    if (!progress_ || now.phase != phase_ || now.epoch != epoch_) {
      finish();
      progress_ = observer_.start_progress(label(now), now.total_events);
      phase_ = now.phase;
      epoch_ = now.epoch;
    }
    char note[32] = "";
    if (now.phase != training::Phase::reading)
      std::snprintf(note, sizeof note, "loss %.4f", now.loss);
    progress_->update(now.events, note);
  }

  void finish() { progress_.reset(); }

 private:
  static std::string label(const training::TrainingProgress& now) {
    const std::string epoch =
        "epoch " + std::to_string(now.epoch) + "/" + std::to_string(now.epochs);
    if (now.phase == training::Phase::reading) return "reading the training split";
    if (now.epoch == 0) return "trying the validation";
    return epoch + (now.phase == training::Phase::training ? " training" : " validation");
  }

  const core::Observer& observer_;
  std::unique_ptr<core::Progress> progress_;
  training::Phase phase_ = training::Phase::reading;
  std::int32_t epoch_ = 0;
};

// `done` when the line of the progress is finished.
EpochDone after_progress(PhaseProgress& progress, const EpochDone& done) {
  return [&progress, &done](const training::EpochMetrics& row) {
    progress.finish();
    if (done) done(row);
  };
}

fs::path config_path(const config::RunConfig& run) {
  return fs::path(run.experiment_dir) / "config.yaml";
}

// config.yaml of the run directory. Written when the trainer has accepted the configuration: a
// refused one must not take the place of that of the checkpoints there.
class ConfigFile {
 public:
  explicit ConfigFile(const config::RunConfig& run) : run_(run), path_(config_path(run)) {}

  void write() const {
    fs::create_directories(path_.parent_path());
    core::write_text_file(path_, config::dump(run_));
  }

  // For a run that had nothing to do: what trained the checkpoints stays.
  void write_if_missing() const {
    if (!fs::exists(path_)) write();
  }

 private:
  const config::RunConfig& run_;
  fs::path path_;
};

// True for what ConfigFile wrote: nothing of it is lost where it is written again.
bool is_complete_configuration(const fs::path& file) {
  try {
    return core::read_text_file(file) == config::dump(config::load<config::RunConfig>(file, {}));
  } catch (const core::Error&) {
    return false;
  }
}

// That of a run that died before its first checkpoint may be there. Otherwise the file of this name
// is one that a user wrote, and the complete list of settings would take its place.
void keep_written_configuration(const config::RunConfig& run) {
  const fs::path written = config_path(run);
  if (fs::exists(training::last_checkpoint(run.experiment_dir))) return;
  if (!fs::exists(written) || is_complete_configuration(written)) return;
  throw core::ConfigError(written.string() +
                          ": the run would write its complete configuration over this file; move "
                          "it out of experiment_dir");
}

// Where checkpoints/last is missing: a training would remove the other checkpoints.
void keep_lone_checkpoints(const fs::path& last) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(last.parent_path(), none)) {
    if (entry.path().filename() != training::best_checkpoint_name &&
        !training::epoch_of_checkpoint(entry.path()))
      continue;
    throw core::DataError(last.string() + ": is missing, so the training of " +
                          entry.path().string() +
                          " cannot go on; put the file back, give another " +
                          "experiment_dir, or start again with --force");
  }
}

// Starting again without --force: only the training of the same configuration is replaced.
void require_replaceable(const fs::path& last, const config::RunConfig& run,
                         const training::TrainingRun& settings, const core::Logger& log) {
  std::optional<EarlierTraining> earlier;
  try {
    earlier = read_earlier_training(last);
  } catch (const core::DataError& error) {
    if (!fs::exists(config_path(run))) throw;
    require_same_settings(config_path(run), run);
    return log.warning(last.string() + ": is damaged and is replaced: " + error.what());
  }
  if (earlier) require_same_training(*earlier, run, settings);
}

// What the trainer does in a run directory: continues the training there, starts again, or nothing
// of these, because it belongs to another configuration.
std::optional<EarlierTraining> choose_start(training::TrainingRun& settings,
                                            const config::RunConfig& run, ExistingResults existing,
                                            const core::Logger& log) {
  if (existing == ExistingResults::replace) {
    settings.training.resume = false;
    return std::nullopt;
  }
  const fs::path last = training::last_checkpoint(run.experiment_dir);
  if (!fs::exists(last)) keep_lone_checkpoints(last);
  if (!settings.training.resume) {
    require_replaceable(last, run, settings, log);
    return std::nullopt;
  }
  auto earlier = read_earlier_training(last);
  if (!earlier) return std::nullopt;
  require_same_training(*earlier, run, settings);
  settings.earlier_learning_rate = earlier->run.training.optimizer.learning_rate;
  return earlier;
}

void tell_of_overfitting(const training::TrainingRun& settings, const core::Logger& log) {
  const training::TrainingConfig& config = settings.training;
  if (config.overfit_batches == 0) return;
  const std::uint64_t events = std::uint64_t{config.overfit_batches} *
                               static_cast<std::uint64_t>(config.batch_size) *
                               settings.ranks.size();
  log.warning("training.overfit_batches: " + std::to_string(config.overfit_batches) +
              ": every epoch trains on the first " + std::to_string(events) +
              " events of train_path and is validated on the same events; val_path is not used, "
              "and the test at the end is that of test_path");
}

void tell_how_it_trains(const training::TrainingRun& settings, const core::Logger& log) {
  tell_of_overfitting(settings, log);
  if (settings.gpu) log.info("training on GPU " + std::to_string(*settings.gpu));
}

void tell_that_nothing_is_left(const EarlierTraining& earlier, const config::RunConfig& run,
                               const core::Logger& log) {
  const std::int32_t done = earlier.metadata.epoch, wanted = run.training.epochs;
  const std::string text = run.experiment_dir + ": " + std::to_string(done) +
                           (done == 1 ? " epoch is" : " epochs are") +
                           " done, training.epochs is " + std::to_string(wanted);
  if (done < wanted)
    log.info(text + ", early stopping ended the training: nothing to train");
  else if (done == wanted)
    log.info(text + ": nothing to train");
  else
    log.warning(text +
                ": nothing to train; the training stays as it is, raise training.epochs to "
                "go on or start again with --force");
}

void warn_of_changes_without_effect(const EarlierTraining& earlier, config::RunConfig run,
                                    const core::Logger& log) {
  // tell_that_nothing_is_left speaks of it.
  run.training.epochs = earlier.run.training.epochs;
  const std::string changes = describe_changes(earlier, run);
  if (changes.empty()) return;
  log.warning(run.experiment_dir +
              ": this training is finished, so nothing of this has an effect (" + changes +
              "); raise training.epochs (or training.early_stopping.patience if it stopped early) "
              "to go on, or start again with --force");
}

// What a debug run has in the place of a checkpoint.
training::LoadedNetwork network_in_memory(const config::RunConfig& run,
                                          const training::TrainingResult& result) {
  training::LoadedNetwork loaded{result.network, {}};
  loaded.metadata.model = run.model;
  loaded.metadata.feature_names = run.features;
  loaded.metadata.graph = run.graph;
  loaded.metadata.pos_weight = result.pos_weight;
  return loaded;
}

}  // namespace

Splits open_splits(const config::RunConfig& run, const fs::path& config_file) {
  require_disjoint_splits(run);
  const auto open = [&](const std::string& path, std::string_view key) {
    return open_labeled_split(config::require(path, key, config_file), {run.features, run.graph});
  };
  auto training = open(run.train_path, "train_path");
  if (run.training.events > 0)
    training = take_first_events(std::move(training), run.training.events);
  return {std::move(training), open(run.val_path, "val_path"), open(run.test_path, "test_path")};
}

training::TrainingRun make_training_run(const config::RunConfig& run, const RunRanks& ranks) {
  return {.directory = run.experiment_dir,
          .config_yaml = config::dump(run),
          .seed = run.seed,
          .threads = ranks.threads(run.threads),
          .features = run.features,
          .graph = run.graph,
          .model = run.model,
          .normalization = load_normalization(run),
          .training = run.training,
          .working_points = run.working_points,
          .gpu = ranks.gpu(),
          .ranks = ranks.ranks()};
}

training::TrainingData make_training_data(const Splits& splits, std::uint64_t seed) {
  return {[&splits, seed](std::uint64_t epoch) {
            return read_training_split(*splits.train, seed, epoch);
          },
          // Every epoch reads the same events: what was verified once need not be again.
          [&splits, verified = std::make_shared<bool>(
                        false)]() -> std::unique_ptr<features::LabeledEventStream> {
            if (*verified) return splits.validation->read_all();
            return std::make_unique<ReadToTheEnd>(splits.validation->read_verified(), verified);
          }};
}

training::TrainingResult train_network(const config::RunConfig& run,
                                       const training::TrainingRun& settings, const Splits& splits,
                                       const core::Observer& observer,
                                       const EpochHooks& epoch_hooks, ExistingResults existing) {
  PhaseProgress progress(observer);
  const ConfigFile config_file(run);
  const bool saves = !settings.debug && settings.ranks.is_first();
  training::TrainingRun started = settings;
  started.training_events = splits.train->events_id();
  started.validation_events = splits.validation->events_id();
  std::optional<core::DirectoryLock> lock;
  std::optional<EarlierTraining> continued;
  std::vector<fs::path> old_results;
  if (saves) {
    require_no_data_set(run.experiment_dir);
    lock.emplace(run.experiment_dir, observer.log());
    core::require_output_folder(training::last_checkpoint(run.experiment_dir).parent_path());
  }
  // Every rank looks at what is there; training::train() writes when all have.
  if (!settings.debug) continued = choose_start(started, run, existing, observer.log());
  if (saves && !continued && fs::exists(training::last_checkpoint(run.experiment_dir)))
    old_results = find_results(run.experiment_dir);
  const auto begin = [&] {
    tell_how_it_trains(settings, observer.log());
    if (!saves) return;
    config_file.write();
    remove_results(old_results, observer.log());
    if (epoch_hooks.begun) epoch_hooks.begun();
  };
  bool begun = false;
  training::TrainingHooks hooks;
  hooks.progress = [&](const training::TrainingProgress& now) {
    if (!std::exchange(begun, true)) begin();
    progress.show(now);
    if (epoch_hooks.progress) epoch_hooks.progress(now);
  };
  hooks.epoch_done = after_progress(progress, epoch_hooks.epoch_done);
  if (epoch_hooks.first_stage_epoch_done)
    hooks.first_stage_epoch_done = after_progress(progress, epoch_hooks.first_stage_epoch_done);
  hooks.make_scorer = validation_scorer(run.graph, *splits.validation, observer.log());
  hooks.stop = &observer.stop_flag();
  hooks.log = observer.log();
  training::TrainingResult result =
      training::train(started, make_training_data(splits, run.seed), hooks);
  if (continued && !begun && !result.interrupted) {
    tell_that_nothing_is_left(*continued, run, observer.log());
    warn_of_changes_without_effect(*continued, run, observer.log());
  }
  if (saves) config_file.write_if_missing();
  return result;
}

TrainResult train(const config::RunConfig& run, const RunOptions& options,
                  const core::Observer& observer, const EpochHooks& epoch_hooks,
                  const RunRanks& ranks) {
  const Splits splits = open_splits(run, options.config_file);
  training::TrainingRun settings = make_training_run(run, ranks);
  settings.debug = options.debug;
  if (!options.debug) keep_written_configuration(run);
  TrainResult result{train_network(run, settings, splits, observer, epoch_hooks, options.existing),
                     std::nullopt};
  if (result.training.interrupted) {
    observer.log().warning("stopped: the same command continues after epoch " +
                           std::to_string(result.training.history.size()));
  } else {
    result.network = options.debug ? network_in_memory(run, result.training)
                                   : training::load_network(result.training.best_checkpoint);
  }
  return result;
}

}  // namespace stationhit::workflow
