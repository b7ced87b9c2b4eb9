// The sizes of a network as text.
#pragma once

#include <string>
#include <vector>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/model_config.hpp>
#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

// "width 64, 13 scales, 4 heads, head 32": what pruning can change.
[[nodiscard]] std::string size_text(const ModelConfig& config, const NetworkDescription& network);

// A table of the stages with parameters and MFLOP of the event, headed by the name of the network,
// and their sum. Concatenations, which only move values, are left out. Throws what count_flops
// throws.
[[nodiscard]] std::string stage_table(const NetworkDescription& network, const EventSize& event);

}  // namespace stationhit::architecture
