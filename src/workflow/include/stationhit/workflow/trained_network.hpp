// The checkpoint that a run configuration names.
#pragma once

#include <filesystem>

#include <stationhit/config/run_config.hpp>
#include <stationhit/training/checkpoint.hpp>

namespace stationhit::workflow {

struct TrainedNetwork {
  std::filesystem::path checkpoint;
  training::LoadedNetwork loaded;
};

// checkpoint_path, else the best checkpoint of experiment_dir. Normalization, thresholds and
// pos_weight are those of the checkpoint. Throws DataError: no such checkpoint, a damaged one, or
// features, graph or model in it are not those of the configuration (both values are named).
[[nodiscard]] TrainedNetwork load_trained_network(const config::RunConfig& run);

}  // namespace stationhit::workflow
