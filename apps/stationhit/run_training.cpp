#include "run_training.hpp"

#include <cstdio>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/shuffle.hpp>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

std::optional<features::NormalizationConstants> normalization(const config::RunConfig& run) {
  if (run.normalization_stats.empty()) return std::nullopt;
  const auto stats = config::load_normalization_stats(run.normalization_stats);
  return features::constants(features::select(stats, run.features, run.normalization_stats));
}

// Pass 0 in the order of the manifest with the checksums of the columns verified, epochs with the
// shards in a new order each.
std::unique_ptr<features::LabelledEventStream> read_training_split(const LabelledSplit& split,
                                                                   std::uint64_t seed,
                                                                   std::uint64_t epoch) {
  return epoch == 0 ? split.read(true)
                    : split.read(training::shuffled_order(split.n_shards(), seed, epoch));
}

// One progress display per phase of an epoch.
class TrainingDisplay {
 public:
  explicit TrainingDisplay(const Program& program) : program_(program) {}

  void show(const training::TrainingProgress& now) {
    if (!bar_ || now.phase != phase_ || now.epoch != epoch_) {
      finish();
      bar_.reset(new ProgressBar(program_.progress(label(now), now.total_events)));
      phase_ = now.phase;
      epoch_ = now.epoch;
    }
    char note[32] = "";
    if (now.phase != training::Phase::reading)
      std::snprintf(note, sizeof note, "loss %.4f", now.loss);
    bar_->update(now.events, note);
  }

  void finish() { bar_.reset(); }

 private:
  static std::string label(const training::TrainingProgress& now) {
    const std::string epoch =
        "epoch " + std::to_string(now.epoch) + "/" + std::to_string(now.epochs);
    if (now.phase == training::Phase::reading) return "reading the training split";
    return epoch + (now.phase == training::Phase::training ? " training" : " validation");
  }

  const Program& program_;
  std::unique_ptr<ProgressBar> bar_;
  training::Phase phase_ = training::Phase::reading;
  std::int32_t epoch_ = 0;
};

void print(const training::EpochMetrics& row) {
  std::puts(training::epoch_line(row).c_str());
  std::fflush(stdout);
}

// config.yaml of the run directory. Written when the trainer has accepted the configuration: a
// refused one must not take the place of that of the checkpoints there.
class ConfigFile {
 public:
  explicit ConfigFile(const config::RunConfig& run)
      : run_(run), path_(fs::path(run.experiment_dir) / "config.yaml") {}

  void write_once() {
    if (written_) return;
    fs::create_directories(path_.parent_path());
    core::write_text_file(path_, config::dump(run_));
    written_ = true;
  }

  // For a run that had nothing to do: what trained the checkpoints stays.
  void write_if_missing() {
    if (!fs::exists(path_)) write_once();
  }

 private:
  const config::RunConfig& run_;
  fs::path path_;
  bool written_ = false;
};

// What decides how the epochs are trained must not change between the parts of a run; the trainer
// itself compares network, data and optimiser.
void require_same_training(const config::RunConfig& run, const fs::path& last) {
  if (!run.training.resume || !fs::exists(last)) return;
  const auto before = config::parse_text<config::RunConfig>(
      training::read_checkpoint_metadata(last).config_yaml, last.string());
  const auto compare = [&](const std::string& key, const std::string& found,
                           const std::string& expected) {
    if (found == expected) return;
    throw core::DataError(
        last.string() + ": was trained with " + key + ": " + found + ", the configuration has " +
        expected + "; give another experiment_dir, or set training.resume: false to start again");
  };
  const training::TrainingConfig &a = before.training, &b = run.training;
  compare("seed", std::to_string(before.seed), std::to_string(run.seed));
  compare("training.batch_size", std::to_string(a.batch_size), std::to_string(b.batch_size));
  compare("training.background_share", core::to_text(a.background_share),
          core::to_text(b.background_share));
  compare("training.monitor", a.monitor, b.monitor);
  compare("training.scheduler.name", a.scheduler.name, b.scheduler.name);
  compare("training.loss.name", a.loss.name, b.loss.name);
  compare("training.loss.pos_weight", a.loss.pos_weight, b.loss.pos_weight);
  compare("training.loss.alpha", core::to_text(a.loss.alpha), core::to_text(b.loss.alpha));
  compare("training.loss.gamma", core::to_text(a.loss.gamma), core::to_text(b.loss.gamma));
}

}  // namespace

Splits open_splits(const config::RunConfig& run, const std::string& config_file) {
  const auto open = [&](const std::string& path, std::string_view key) {
    return open_labelled_split(config::require(path, key, config_file), {run.features, run.graph});
  };
  return {open(run.train_path, "train_path"), open(run.val_path, "val_path"),
          open(run.test_path, "test_path")};
}

training::TrainingRun training_run(const config::RunConfig& run, bool debug) {
  return {run.experiment_dir, config::dump(run), run.seed,           run.threads,  run.features,
          run.graph,          run.model,         normalization(run), run.training, debug};
}

training::TrainingData training_data(const Splits& splits, std::uint64_t seed) {
  return {[&splits, seed](std::uint64_t epoch) {
            return read_training_split(*splits.train, seed, epoch);
          },
          [&splits] { return splits.validation->read(false); }};
}

training::TrainingResult run_training(const Program& program, const config::RunConfig& run,
                                      const training::TrainingRun& settings, const Splits& splits) {
  TrainingDisplay display(program);
  ConfigFile config_file(run);
  const bool saves = !settings.debug;
  if (saves)
    require_same_training(run, fs::path(run.experiment_dir) / "checkpoints" / "last.safetensors");
  training::TrainingHooks hooks;
  hooks.progress = [&](const training::TrainingProgress& now) {
    if (saves) config_file.write_once();
    display.show(now);
  };
  hooks.epoch_done = [&](const training::EpochMetrics& row) {
    display.finish();
    print(row);
  };
  hooks.stop = &Program::stop_flag();
  hooks.log = program.log();
  training::TrainingResult result =
      training::train(settings, training_data(splits, run.seed), hooks);
  if (saves) config_file.write_if_missing();
  return result;
}

}  // namespace stationhit::app
