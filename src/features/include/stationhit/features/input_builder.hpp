// Makes the inputs of a network for one event after the other.
#pragma once

#include <memory>
#include <span>
#include <string>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/features/inputs.hpp>

namespace stationhit::features {

// Keeps its memory from event to event: one object per thread.
class InputBuilder {
 public:
  // Throws ConfigError like build_inputs.
  InputBuilder(const graph::GraphConfig& graph, std::span<const std::string> feature_names,
               Neighbors neighbors = Neighbors::build);
  ~InputBuilder();
  InputBuilder(InputBuilder&&) noexcept;
  InputBuilder& operator=(InputBuilder&&) noexcept;

  // The inputs of build_inputs(). Allocates nothing once builder and inputs have seen an event of
  // this size, except for buckets that it has to build (core::build_buckets).
  // The columns must be there that find_needed_inputs (needed_branches.hpp) names, and those of the
  // canonical order (core/canonical_order.hpp).
  void build(const core::EventColumns& event, EventInputs& inputs);

  // The steps of build(), in this order.
  void build_nodes(const core::EventColumns& event, EventInputs& inputs);
  void build_features(const core::EventColumns& event, EventInputs& inputs);
  void build_neighbors(const core::EventColumns& event, EventInputs& inputs);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace stationhit::features
