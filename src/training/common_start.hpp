// Whether the ranks begin with the same network.
#pragma once

#include <string>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_run.hpp>

#include "training_state.hpp"

namespace stationhit::training {

// Checksum of all weights and buffers. 16 hexadecimal digits.
[[nodiscard]] std::string digest_weights(const models::Network& network);

// Throws DataError unless all ranks have the same events, the same completed epochs and the same
// weights. Every rank calls it, and none returns before all have.
void require_same_start(const TrainingRun& run, const models::Network& network,
                        const TrainingState& state);

}  // namespace stationhit::training
