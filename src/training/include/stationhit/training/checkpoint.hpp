// Checkpoints: one safetensors file each, weights by name (models/network.hpp) and everything
// needed to use or to continue the network as JSON under the metadata key "stationhit". Free of
// Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/features/normalization.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/models/model_config.hpp>
#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

inline constexpr int checkpoint_format = 1;
inline constexpr const char* checkpoint_key = "stationhit";

// What schedule and early stopping remember between epochs.
struct ProgressState {
  double learning_rate = 0;     // of the next epoch
  std::optional<double> best;   // best value of the monitor so far
  std::int32_t best_epoch = 0;  // epoch that gave it, 0 = none yet
  std::int32_t schedule_waited =
      0;  // epochs without improvement since the learning rate was lowered last
  std::int32_t stopping_waited = 0;  // epochs without improvement by min_delta
  std::optional<double> stopping_best;
  bool stopped_early = false;

  bool operator==(const ProgressState&) const = default;
};

struct CheckpointMetadata {
  std::string program_version, git_commit;
  std::string config_yaml;  // resolved configuration of the run
  models::ModelConfig model;
  std::vector<std::string> feature_names;
  graph::GraphConfig graph;
  std::optional<features::NormalizationConstants> normalization;
  double pos_weight = 1;   // weight of signal nodes in the loss
  std::int32_t epoch = 0;  // completed epochs
  EpochMetrics metrics;    // of this epoch
  // Logit thresholds of metrics::working_points on the validation split, by working point
  // ("0.985"). Empty where it had no true hits.
  std::map<std::string, float> thresholds;
  // To continue a run; only in checkpoints/last.
  std::string optimizer;  // its name; the state is in the tensors "optimizer.*"
  std::vector<EpochMetrics> history;
  std::optional<ProgressState> progress;
};

struct LoadedNetwork {
  std::shared_ptr<models::Network> network;  // in evaluation mode, on the CPU
  CheckpointMetadata metadata;
};

// Throws DataError naming the file and what is wrong: missing, truncated, not a checkpoint, another
// format version, a tensor missing or of another shape than the architecture in the metadata asks
// for.
[[nodiscard]] LoadedNetwork load_network(const std::filesystem::path& checkpoint);
[[nodiscard]] CheckpointMetadata read_checkpoint_metadata(const std::filesystem::path& checkpoint);

// Throws DataError naming the file and the first of features, graph, network, normalisation and
// optimiser that differs, with both values and what the user can do (`advice`).
void require_same_network(const CheckpointMetadata& found, const CheckpointMetadata& expected,
                          const std::filesystem::path& checkpoint, const std::string& advice);

// The metadata as JSON and back; from_json throws DataError naming `where`.
[[nodiscard]] std::string to_json(const CheckpointMetadata& metadata);
[[nodiscard]] CheckpointMetadata metadata_from_json(std::string_view json,
                                                    const std::string& where);

}  // namespace stationhit::training
