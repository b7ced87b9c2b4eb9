#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <stationhit/graph/hit_scores.hpp>

namespace stationhit::graph {

void fill_hit_scores(const NodeTable& nodes, std::span<const float> node_logits,
                     std::span<float> scores) {
  assert(node_logits.size() == nodes.size());
  // A hit with several nodes has the largest of their logits. A logit that is not finite counts
  // like a hit without node, because NaN would otherwise depend on the order of the comparisons.
  constexpr float none = -std::numeric_limits<float>::infinity();
  std::ranges::fill(scores, none);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const float logit = std::isfinite(node_logits[i]) ? node_logits[i] : score_without_node;
    float& score = scores[nodes.hit[i]];
    score = std::max(score, logit);
  }
  std::ranges::replace(scores, none, score_without_node);
}

std::vector<float> hit_scores(const NodeTable& nodes, std::span<const float> node_logits,
                              std::size_t n_hits) {
  std::vector<float> scores(n_hits);
  fill_hit_scores(nodes, node_logits, scores);
  return scores;
}

}  // namespace stationhit::graph
