// Studies: variants of a run are trained with several seeds and compared. Only in builds with ROOT
// and Torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/workflow/run_options.hpp>
#include <stationhit/workflow/study_summary.hpp>
#include <stationhit/workflow/study_variants.hpp>
#include <stationhit/workflow/train.hpp>

namespace stationhit::workflow {

// A training of a study.
struct StudyTraining {
  std::string label;  // of the variant
  std::uint64_t seed = 0;
  std::filesystem::path folder;  // its run directory
  bool finished = false;         // by an earlier call
};

// A variant without results, and why.
struct StudyGap {
  std::string name, label, reason;
  bool failed = false;  // while it was trained; else it is not possible
};

struct StudyPlan {
  std::vector<StudyVariant> variants;
  std::vector<StudyTraining> trainings;  // in their order
  std::vector<FeatureSet> permuted;      // of the base with every seed, study.permutations times
};

// What run_study would train, from the configuration alone and the checkpoints that are there.
// Writes nothing. Throws as make_study_variants.
[[nodiscard]] StudyPlan plan_study(StudyKind kind, const config::RunConfig& run,
                                   const std::filesystem::path& config_file = {});

// Called while the work goes on; each may be empty.
struct StudyHooks {
  // Before training number `index` (from 0) of n.
  std::function<void(const StudyTraining&, std::size_t index, std::size_t n)> training = {};
  EpochDone epoch_done = {};
};

struct StudyResult {
  std::vector<StudyRow> rows;
  std::vector<StudyEntry> entries;  // the base first
  std::vector<StudyGap> gaps;
  std::filesystem::path table;  // study.md
  bool stopped = false;         // by the observer: no table, a later call goes on from there
};

// Trains the variants of make_study_variants, each with every seed of study.seeds, and measures the
// best checkpoints on the validation split. Folders below study/ of run.experiment_dir:
// base/seed_<n>, which all studies share, and <kind>/<variant>/seed_<n>; each is a run directory.
// Trainings of an earlier call go on or are taken as they are; those with other settings or events
// are refused (ConfigError naming what differs) or, if options.existing says so, removed with those
// of the base. A variant that fails is left out with its reason; a base that fails throws. At the
// end study.csv, study.json, study.md and the figures are written into <kind>/. Throws ConfigError,
// DataError.
[[nodiscard]] StudyResult run_study(StudyKind kind, const config::RunConfig& run,
                                    const RunOptions& options, const core::Observer& observer,
                                    const StudyHooks& hooks = {});

}  // namespace stationhit::workflow
