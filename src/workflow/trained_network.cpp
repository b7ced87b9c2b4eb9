#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/trained_network.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

fs::path checkpoint_of(const config::RunConfig& run) {
  const bool given = !run.checkpoint_path.empty();
  fs::path checkpoint =
      given ? fs::path(run.checkpoint_path) : training::best_checkpoint(run.experiment_dir);
  if (!fs::exists(checkpoint)) {
    throw core::DataError(checkpoint.string() + ": no such checkpoint; " +
                          (given ? "correct checkpoint_path, or leave it out to take the best one "
                                   "of experiment_dir"
                                 : "run `stationhit train` first, or set experiment_dir or "
                                   "checkpoint_path"));
  }
  if (fs::is_directory(checkpoint) || core::is_of_kind(checkpoint, core::FileKind::onnx))
    throw core::DataError(checkpoint.string() +
                          ": is no checkpoint; checkpoint_path names a file such as "
                          "RUN/checkpoints/best.safetensors");
  return checkpoint;
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
