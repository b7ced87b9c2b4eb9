// Smaller and smaller networks out of a trained one, and what that costs. Only in builds with ROOT,
// Torch and ONNX Runtime.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/prune_curve.hpp>
#include <stationhit/workflow/run_options.hpp>
#include <stationhit/workflow/train.hpp>

namespace stationhit::workflow {

// Called while the work goes on; each may be empty.
struct PruneHooks {
  std::function<void(const PrunedNetwork&)> pruned = {};  // before its training
  EpochDone epoch_done = {};
  std::function<void(const TestResult&)> tested = {};  // also for the network of the checkpoint
};

struct PruneResult {
  std::vector<PrunePoint> points;  // the network of the checkpoint, then one per step
  std::filesystem::path table;     // curve.csv
  bool stopped = false;  // by the observer: there is no curve, a later call goes on from there
};

// Prunes the checkpoint that `run` names (trained_network.hpp) in run.prune.steps steps. Each takes
// the units that matter least from the network before it, trains the rest on, tests it and exports
// it; its run directory is prune/step_<n> of run.experiment_dir, step_0 the network of the
// checkpoint. Steps of an earlier call with the same settings, events and checkpoint are not pruned
// or trained again; those of another one are refused (ConfigError naming what differs) or, if
// options.existing says so, removed. At the end all networks are timed in turn and the curve is
// written. Throws DataError, ConfigError.
[[nodiscard]] PruneResult prune_checkpoint(const config::RunConfig& run, const RunOptions& options,
                                           const core::Observer& observer,
                                           const PruneHooks& hooks = {});

// The networks that the steps would leave, by the importance on a few events and without training;
// writes nothing. Fewer if the observer asks to stop. Throws as prune_checkpoint.
[[nodiscard]] std::vector<PrunedNetwork> preview_pruning(const config::RunConfig& run,
                                                         const RunOptions& options,
                                                         const core::Observer& observer);

}  // namespace stationhit::workflow
