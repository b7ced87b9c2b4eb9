// Events as training, validation and scoring take them, whatever they are read from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/event_truth.hpp>
#include <stationhit/features/inputs.hpp>

namespace stationhit::features {

struct LabeledEvent {
  EventInputs inputs;  // of a materialized event without y_min and y_max of the groups
  std::vector<std::uint8_t> labels;  // [n_nodes] node_labels()
  core::EventTruth truth;
  // [n_nodes] logits of the first stage of a network, where the nodes are only those that it keeps;
  // empty: all nodes of the event are here.
  std::vector<float> first_logits = {};
};

[[nodiscard]] LabeledEvent label_event(const core::Event& event, const graph::GraphConfig& graph,
                                       std::span<const std::string> feature_names);

class LabeledEventStream {
 public:
  using Job = std::function<LabeledEvent()>;

  virtual ~LabeledEventStream() = default;
  // The work that makes the next event, nothing at the end. next() is called by one thread at a
  // time; the jobs may run side by side and outlive the stream. Both throw DataError.
  virtual std::optional<Job> next() = 0;
  // Number of events in all, where it is known without reading them.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const = 0;
};

// The events of `reader`: next() reads one, its job builds the inputs.
[[nodiscard]] std::unique_ptr<LabeledEventStream> label_events(
    std::unique_ptr<core::EventReader> reader, graph::GraphConfig graph,
    std::vector<std::string> feature_names);

}  // namespace stationhit::features
