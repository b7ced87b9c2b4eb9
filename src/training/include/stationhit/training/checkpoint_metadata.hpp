// The JSON text inside a checkpoint: everything needed to use a network or to continue its
// training. It stands in the safetensors file under the metadata key "stationhit". Free of Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/progress_state.hpp>

namespace stationhit::training {

inline constexpr int checkpoint_format = 1;
inline constexpr const char* checkpoint_key = "stationhit";

struct CheckpointMetadata {
  std::string program_version, git_commit;
  std::string config_yaml;  // resolved configuration of the run
  architecture::ModelConfig model;
  std::vector<std::string> feature_names;
  graph::GraphConfig graph;
  std::optional<features::NormalizationConstants> normalization;
  double pos_weight = 1;   // weight of signal nodes in the loss
  std::int32_t epoch = 0;  // completed epochs
  EpochMetrics metrics;    // of this epoch
  // Logit thresholds of the run's working points on the validation split, by working point
  // ("0.985"). Empty where it had no signal hits.
  std::map<std::string, float> thresholds;
  // Which events it was trained and validated on (TrainingRun). Empty in files of versions that did
  // not record it.
  std::string training_events, validation_events;
  std::uint32_t ranks = 1;  // that trained it
  std::string device;       // on which: "CPU" or "GPU"; empty likewise
  // Checksum of the weights of the network that it was pruned from; empty for all others.
  std::string pruned_from;
  // To continue a run; only in checkpoints/last.
  std::string optimizer;  // its name; the state is in the tensors "optimizer.*"
  std::vector<EpochMetrics> history;
  std::optional<ProgressState> progress;
  // Numbers that the callbacks keep, by callback; their tensors are "callbacks.<name>.*".
  std::map<std::string, std::map<std::string, double>> callbacks;
};

// Throws DataError naming the file and the first of features, graph, network, normalization and
// optimizer that differs, with both values and what the user can do (`advice`).
void require_same_network(const CheckpointMetadata& found, const CheckpointMetadata& expected,
                          const std::filesystem::path& checkpoint, const std::string& advice);

// The metadata as JSON and back; metadata_from_json throws DataError naming `where`.
[[nodiscard]] std::string to_json(const CheckpointMetadata& metadata);
[[nodiscard]] CheckpointMetadata metadata_from_json(std::string_view json,
                                                    const std::string& where);

}  // namespace stationhit::training
