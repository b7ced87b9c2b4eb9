// The steps of HitClassifier::scores, for those that measure them.
#pragma once

#include <array>
#include <type_traits>
#include <vector>

#include <stationhit/graph/hit_scores.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::inference {

// What stays from call to call.
struct CallMemory {
  PreparedEvents prepared;
  std::vector<float> logits, scores;
};

// Scores an event as HitClassifier::scores does. Returns what read(), a clock or a counter, says
// before the first step and after each: preparation, network, scores of the hits.
template <class Read>
auto score_with_readings(const HitClassifier& classifier, const core::Event& event,
                         CallMemory& memory, const Read& read) {
  memory.scores.resize(event.hits.size());
  std::array<std::invoke_result_t<Read>, 4> readings{};
  readings[0] = read();
  classifier.prepare({&event, 1}, memory.prepared);
  readings[1] = read();
  memory.logits.resize(memory.prepared.inputs.n_nodes);
  classifier.node_logits(memory.prepared, memory.logits);
  readings[2] = read();
  graph::fill_hit_scores(memory.prepared.nodes.front(), memory.logits, memory.scores);
  readings[3] = read();
  return readings;
}

}  // namespace stationhit::inference
