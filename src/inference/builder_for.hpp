// What prepares events for a model.
#pragma once

#include <stationhit/features/input_builder.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

// Neighbors are built only if the model needs them.
inline features::InputBuilder builder_for(const Model& model) {
  const InputNeeds needs = model.needs();
  const bool needed = needs.neighbors || needs.edges;
  return {model.graph(), model.metadata().feature_names,
          needed ? features::Neighbors::build : features::Neighbors::leave_out};
}

}  // namespace stationhit::inference
