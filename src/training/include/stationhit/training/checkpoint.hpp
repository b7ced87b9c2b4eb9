// Checkpoints: one safetensors file each, with the weights by name (models/network.hpp) and the
// metadata beside them. Free of Torch.
#pragma once

#include <filesystem>
#include <memory>

#include <stationhit/training/checkpoint_metadata.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

struct LoadedNetwork {
  std::shared_ptr<models::Network> network;  // in evaluation mode, on the CPU
  CheckpointMetadata metadata;
};

// Throws DataError naming the file and what is wrong: missing, truncated, not a checkpoint, another
// format version, a tensor missing or of another shape than the architecture in the metadata asks
// for.
[[nodiscard]] LoadedNetwork load_network(const std::filesystem::path& checkpoint);
[[nodiscard]] CheckpointMetadata read_checkpoint_metadata(const std::filesystem::path& checkpoint);

}  // namespace stationhit::training
