// Scores of hits in memory of the caller.
#pragma once

#include <span>

#include <stationhit/graph/nodes.hpp>

namespace stationhit::graph {

// Like hit_scores (graph/nodes.hpp). scores: [n_hits]
void fill_hit_scores(const NodeTable& nodes, std::span<const float> node_logits,
                     std::span<float> scores);

}  // namespace stationhit::graph
