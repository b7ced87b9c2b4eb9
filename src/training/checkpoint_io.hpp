// Tensors of checkpoints.
#pragma once

#include <filesystem>

#include <stationhit/models/network.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>

#include "optimizer.hpp"

namespace stationhit::training {

// Weights and buffers of the network, the extra tensors (optimizer, callbacks), and the metadata,
// in one file.
void write_checkpoint(const std::filesystem::path& path, const models::Network& network,
                      const NamedTensors& extra, const CheckpointMetadata& metadata);

struct TrainingCheckpoint {
  CheckpointMetadata metadata;
  NamedTensors optimizer;  // "optimizer.*"
  NamedTensors callbacks;  // "callbacks.*"
};

// Copies the weights into the network, which must be the one that the metadata describe.
[[nodiscard]] TrainingCheckpoint read_training_checkpoint(const std::filesystem::path& path,
                                                          models::Network& network);

}  // namespace stationhit::training
