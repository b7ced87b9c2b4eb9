// Where the time of an event goes, stage by stage, and what it allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/inference/latency.hpp>

namespace stationhit::inference {

// How often this thread has allocated memory so far.
using AllocationCount = std::function<std::uint64_t()>;

// Mean number per event.
struct Allocations {
  double preparation = 0, network = 0, total = 0;
};

struct StepTimes {
  NetworkStep step;
  Percentiles ms;
};

struct EventProfile {
  Percentiles nodes;     // ms, graph::NodeBuilder
  Percentiles features;  // the feature table
  Percentiles tables;    // neighbor table, and the arrays of the model made of all three
  Percentiles network;
  Percentiles scores;            // from the logits of the nodes to those of the hits
  std::vector<StepTimes> steps;  // of the network, where the model can tell (Model::steps)
  std::optional<Allocations> allocations;
};

// One thread, after a pass without a clock. The stages are timed in passes of their own, so that
// the times of whole events (measure_latency) are those of a program that does not ask for them.
// Allocations are counted where `count` is given. Throws UsageError if there are no events.
[[nodiscard]] EventProfile profile_events(const HitClassifier& classifier,
                                          std::span<const core::Event> events,
                                          std::size_t repetitions,
                                          const AllocationCount& count = {});

}  // namespace stationhit::inference
