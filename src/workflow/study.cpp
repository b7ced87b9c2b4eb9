// Seeds are the outer loop, so that a study that is stopped has compared all variants with the
// first ones. Every training is an ordinary run with a folder of its own and resumes by itself;
// measurements are kept beside its checkpoint, so the loop needs no journal.
#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/training/early_stopping.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/compute_statistics.hpp>
#include <stationhit/workflow/resume_rules.hpp>
#include <stationhit/workflow/root_formats.hpp>
#include <stationhit/workflow/study.hpp>

#include "old_results.hpp"
#include "study_files.hpp"
#include "study_measurement.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using config::RunConfig;

fs::path study_folder(const RunConfig& run) { return fs::path(run.experiment_dir) / "study"; }

fs::path kind_folder(StudyKind kind, const RunConfig& run) {
  return study_folder(run) / core::name(kind);
}

fs::path variant_folder(StudyKind kind, const RunConfig& run, const StudyVariant& variant) {
  return variant.name == base_variant ? study_folder(run) / base_variant
                                      : kind_folder(kind, run) / variant.name;
}

bool is_trained_itself(const StudyVariant& variant) {
  return variant.not_possible.empty() && variant.same_as.empty();
}

// The run of a training.
RunConfig make_run(StudyKind kind, const RunConfig& base, const StudyVariant& variant,
                   std::uint64_t seed) {
  const fs::path folder = variant_folder(kind, base, variant);
  RunConfig run = variant.run;
  run.seed = seed;
  run.experiment_dir = folder / ("seed_" + std::to_string(seed));
  run.checkpoint_path.clear();
  run.training.resume = true;
  if (variant.own_statistics && !run.normalization_stats.empty())
    run.normalization_stats = folder / "normalization.yaml";
  return run;
}

bool is_finished(const RunConfig& run) {
  const fs::path last = training::last_checkpoint(run.experiment_dir);
  if (!fs::exists(last)) return false;
  try {
    return training::is_finished(training::read_checkpoint_metadata(last), run.training.epochs);
  } catch (const core::DataError&) {
    return false;
  }
}

// Throws ConfigError for a training with other settings or events. A damaged one is met again where
// it is trained.
void require_same_existing(const RunConfig& run) {
  const fs::path last = training::last_checkpoint(run.experiment_dir);
  // Where it is made again, the training compares its constants itself.
  if (!run.normalization_stats.empty() && !fs::exists(run.normalization_stats)) return;
  std::optional<EarlierTraining> earlier;
  try {
    earlier = read_earlier_training(last);
  } catch (const core::DataError&) {
    return;
  }
  if (!earlier) return;
  training::TrainingRun settings = make_training_run(run);
  const Splits splits = open_splits(run, {});
  settings.training_events = splits.train->events_id();
  settings.validation_events = splits.validation->events_id();
  require_same_run(*earlier, run, settings);
}

// One study: what is the same for all its trainings.
class Study {
 public:
  Study(StudyPlan plan, StudyKind kind, const RunConfig& run, const core::Observer& observer,
        const StudyHooks& hooks)
      : kind_(kind), run_(run), observer_(observer), hooks_(hooks), plan_(std::move(plan)) {}

  // Before anything is trained.
  void check() {
    for (StudyVariant& variant : plan_.variants) check_variant(variant);
  }

  StudyResult compare() {
    StudyResult result;
    for (const std::uint64_t seed : run_.study.seeds) {
      if (!run_seed(seed, result)) {
        result.stopped = true;
        return result;
      }
    }
    add_gaps(result);
    sort_rows(result.rows);
    result.entries = summarize_study(result.rows);
    return result;
  }

 private:
  using RowsByVariant = std::map<std::string, StudyRow>;

  void check_variant(StudyVariant& variant) const {
    if (!is_trained_itself(variant)) return;
    try {
      (void)open_splits(make_run(kind_, run_, variant, run_.seed), {});
    } catch (const core::Error& error) {
      if (variant.name == base_variant) throw;
      variant.not_possible = error.what();
      return;
    }
    for (const std::uint64_t seed : run_.study.seeds)
      require_same_existing(make_run(kind_, run_, variant, seed));
  }

  // All variants with one seed. False: it was stopped.
  bool run_seed(std::uint64_t seed, StudyResult& result) {
    RowsByVariant rows;
    for (const StudyVariant& variant : plan_.variants) {
      if (!variant.not_possible.empty()) continue;
      if (!variant.same_as.empty()) {
        take_from(variant, rows);
        continue;
      }
      if (!run_variant(variant, seed, rows, result)) return false;
    }
    const StudyMeasurement base = rows.at(base_variant).measured;
    for (auto& [name, row] : rows) {
      row.base = base;
      result.rows.push_back(std::move(row));
    }
    return true;
  }

  // Its settings are those of another variant, which may have failed.
  static void take_from(const StudyVariant& variant, RowsByVariant& rows) {
    const auto other = rows.find(variant.same_as);
    if (other == rows.end()) return;
    StudyRow row = other->second;
    row.name = variant.name;
    row.label = variant.label;
    rows[variant.name] = std::move(row);
  }

  bool run_variant(const StudyVariant& variant, std::uint64_t seed, RowsByVariant& rows,
                   StudyResult& result) {
    const bool is_base = variant.name == base_variant;
    try {
      return train_and_measure(variant, seed, rows, is_base ? &result.rows : nullptr);
    } catch (const std::exception& error) {
      if (is_base) throw;
      observer_.log().warning(variant.label + ", seed " + std::to_string(seed) +
                              ": failed and is left out: " + error.what());
      failures_[variant.name] = "seed " + std::to_string(seed) + ": " + error.what();
      return true;
    }
  }

  // permuted: rows of the permuted features, of the base only. False: it was stopped.
  bool train_and_measure(const StudyVariant& variant, std::uint64_t seed, RowsByVariant& rows,
                         std::vector<StudyRow>* permuted) {
    const RunConfig run = make_run(kind_, run_, variant, seed);
    announce(variant, run);
    if (!make_statistics(variant, run)) return false;
    const Splits splits = open_splits(run, {});
    const auto result = train_network(run, make_training_run(run), splits, observer_,
                                      {.epoch_done = hooks_.epoch_done});
    if (result.interrupted) return false;
    const auto network = training::load_network(result.best_checkpoint);
    MeasurementFile file(run.experiment_dir, result.best_checkpoint,
                         splits.validation->events_id());
    const MeasuredNetwork measured{network, run, *splits.validation, run_.study.seeds.size() == 1};
    auto measurement = measure(measured, 0, file, observer_);
    if (!measurement) return false;
    rows[variant.name] = {.name = variant.name,
                          .label = variant.label,
                          .seed = seed,
                          .measured = std::move(*measurement),
                          .base = {},
                          .parameters = result.parameters,
                          .training_events = splits.train->n_events(),
                          .ms_per_event = training_time(result.history),
                          .best_epoch = result.best_epoch};
    return permuted == nullptr || plan_.permuted.empty() ||
           add_permuted(measured, rows.at(variant.name), file, *permuted);
  }

  bool add_permuted(const MeasuredNetwork& measured, const StudyRow& base, MeasurementFile& file,
                    std::vector<StudyRow>& rows) {
    const auto reference = measure(measured, run_.study.permuted_events, file, observer_);
    if (!reference) return false;
    for (const FeatureSet& set : plan_.permuted) {
      auto measurement = measure_permuted(measured, set, file, observer_);
      if (!measurement) return false;
      rows.push_back({.name = set.name,
                      .label = set.label,
                      .method = StudyMethod::permuted,
                      .seed = base.seed,
                      .measured = std::move(*measurement),
                      .base = *reference,
                      .parameters = base.parameters,
                      .training_events = base.training_events,
                      .best_epoch = base.best_epoch});
    }
    return true;
  }

  void announce(const StudyVariant& variant, const RunConfig& run) {
    if (hooks_.training)
      hooks_.training({variant.label, run.seed, run.experiment_dir, is_finished(run)}, trained_,
                      plan_.trainings.size());
    ++trained_;
  }

  // Of all seeds of a variant. False: it was stopped.
  bool make_statistics(const StudyVariant& variant, const RunConfig& run) const {
    if (!variant.own_statistics || run.normalization_stats.empty() ||
        fs::exists(run.normalization_stats))
      return true;
    return compute_statistics(run, open_shard, {}, observer_).has_value();
  }

  // Milliseconds per event: the median over the epochs.
  static double training_time(const std::vector<training::EpochMetrics>& history) {
    std::vector<double> times;
    for (const auto& epoch : history) times.push_back(1000 / epoch.events_per_second);
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
  }

  void add_gaps(StudyResult& result) const {
    for (const StudyVariant& variant : plan_.variants) {
      if (!variant.not_possible.empty())
        result.gaps.push_back({variant.name, variant.label, variant.not_possible, false});
      const auto failure = failures_.find(variant.name);
      if (failure != failures_.end())
        result.gaps.push_back({variant.name, variant.label, failure->second, true});
    }
  }

  // In the order of the variants, and behind them the permuted features.
  void sort_rows(std::vector<StudyRow>& rows) const {
    const auto place = [&](const StudyRow& row) {
      if (row.method == StudyMethod::permuted) return plan_.variants.size();
      return static_cast<std::size_t>(
          std::ranges::find(plan_.variants, row.name, &StudyVariant::name) -
          plan_.variants.begin());
    };
    std::ranges::stable_sort(rows, {}, place);
  }

  StudyKind kind_;
  const RunConfig& run_;
  const core::Observer& observer_;
  const StudyHooks& hooks_;
  StudyPlan plan_;
  std::map<std::string, std::string> failures_;  // the last one by variant
  std::size_t trained_ = 0;
};

}  // namespace

StudyPlan plan_study(StudyKind kind, const RunConfig& run, const fs::path& config_file) {
  StudyPlan plan{make_study_variants(kind, run, config_file), {}, {}};
  if (kind == StudyKind::features && run.study.permutations > 0) plan.permuted = feature_sets(run);
  for (const std::uint64_t seed : run.study.seeds) {
    for (const StudyVariant& variant : plan.variants) {
      if (!is_trained_itself(variant)) continue;
      const RunConfig one = make_run(kind, run, variant, seed);
      plan.trainings.push_back({variant.label, seed, one.experiment_dir, is_finished(one)});
    }
  }
  return plan;
}

StudyResult run_study(StudyKind kind, const RunConfig& run, const RunOptions& options,
                      const core::Observer& observer, const StudyHooks& hooks) {
  config::require_single_rank(run.devices, "study");
  require_no_data_set(run.experiment_dir);
  StudyPlan plan = plan_study(kind, run, options.config_file);
  const Splits splits = open_splits(run, options.config_file);
  const core::DirectoryLock lock(study_folder(run), observer.log());
  if (options.existing == ExistingResults::replace) {
    remove_made_files(kind_folder(kind, run), observer.log());
    remove_made_files(study_folder(run) / base_variant, observer.log());
  }
  Study study(std::move(plan), kind, run, observer, hooks);
  study.check();
  StudyResult result = study.compare();
  if (result.stopped) {
    observer.log().warning("stopped: the same command goes on from here");
    return result;
  }
  result.table = write_study(kind, result, run, label_sample(*splits.validation, run.sample_label),
                             kind_folder(kind, run));
  return result;
}

}  // namespace stationhit::workflow
