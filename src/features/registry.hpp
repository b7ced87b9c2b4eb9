// The registry of features: one entry of a feature is all it takes to add one.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include <stationhit/features/features.hpp>

#include "group_features.hpp"

namespace stationhit::features {

// The data from which a feature is computed. Quantities that several features use are computed when
// they are first needed. The memory is kept from event to event.
class NodeContext {
 public:
  // Event and nodes must live until the next call.
  void begin(const core::EventColumns& event, const graph::NodeTable& nodes);

  [[nodiscard]] const core::EventColumns& event() const { return *event_; }
  [[nodiscard]] const core::HitColumns& hits() const { return event_->hits; }
  [[nodiscard]] const graph::NodeTable& nodes() const { return *nodes_; }
  [[nodiscard]] std::span<const float> neighbors();       // [n_nodes] see group_features.hpp
  [[nodiscard]] std::span<const float> bucket_density();  // [n_nodes]
  // Distance from the beam axis, mm. [n_nodes]
  [[nodiscard]] std::span<const double> transverse();
  // For values in between; two of them. [n_nodes]
  [[nodiscard]] std::span<double> numbers(std::size_t which);
  [[nodiscard]] std::vector<float>& counts() { return counts_; }
  [[nodiscard]] GroupMemory& group_memory() { return group_memory_; }

 private:
  // A quantity of all nodes, and whether it is that of the present event.
  template <class T>
  struct Quantity {
    std::vector<T> values;
    bool is_present = false;
  };

  const core::EventColumns* event_ = nullptr;
  const graph::NodeTable* nodes_ = nullptr;
  Quantity<float> neighbors_, bucket_density_;
  Quantity<double> transverse_;
  std::array<std::vector<double>, 2> numbers_;
  std::vector<float> counts_;
  GroupMemory group_memory_;
};

// Fills the values of the feature for all nodes. [n_nodes]
using FeatureFunction = void (*)(NodeContext&, std::span<float> values);

// functions()[i] belongs to known_features()[i].
[[nodiscard]] std::span<const FeatureFunction> feature_functions();

}  // namespace stationhit::features
