// The second stage of a network is trained on the hits that its first stage keeps.
#pragma once

#include <memory>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// The training split of `data` with only the nodes that `network` keeps, and their logits of the
// first stage; groups without such nodes are gone. The validation split stays whole. The network
// must not change while the streams are used.
[[nodiscard]] TrainingData keep_survivors(const TrainingData& data,
                                          std::shared_ptr<models::Network> network);

// A network of the same kind with the same weights, in evaluation mode.
[[nodiscard]] std::shared_ptr<models::Network> copy_network(
    const models::Network& network,
    const std::optional<features::NormalizationConstants>& normalization);

// Share of the groups without signal that a step of the run trains on: all of them for the second
// stage of a network, which looks beyond groups.
[[nodiscard]] double background_share_of(const TrainingRun& run);

}  // namespace stationhit::training
