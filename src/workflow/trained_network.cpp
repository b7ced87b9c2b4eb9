#include <stationhit/core/errors.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/trained_network.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

fs::path checkpoint_of(const config::RunConfig& run) {
  if (!run.checkpoint_path.empty()) return run.checkpoint_path;
  fs::path best = training::best_checkpoint(run.experiment_dir);
  if (!fs::exists(best)) {
    throw core::DataError(best.string() +
                          ": no such checkpoint; run `stationhit train` first, or set "
                          "experiment_dir or checkpoint_path");
  }
  return best;
}

}  // namespace

TrainedNetwork load_trained_network(const config::RunConfig& run) {
  TrainedNetwork trained{checkpoint_of(run), {}};
  trained.loaded = training::load_network(trained.checkpoint);
  training::CheckpointMetadata expected = trained.loaded.metadata;
  expected.feature_names = run.features;
  expected.graph = run.graph;
  expected.model = run.model;
  training::require_same_network(trained.loaded.metadata, expected, trained.checkpoint,
                                 "give the configuration that it was trained with (config.yaml of "
                                 "its run directory), or another checkpoint_path");
  return trained;
}

}  // namespace stationhit::workflow
