// The settings of all stages of the simulation.
#pragma once

#include <stationhit/simulation/background.hpp>
#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/digitization.hpp>
#include <stationhit/simulation/electronics.hpp>
#include <stationhit/simulation/generator.hpp>
#include <stationhit/simulation/pile_up.hpp>
#include <stationhit/simulation/propagation.hpp>
#include <stationhit/simulation/variation_config.hpp>

namespace stationhit::simulation {

// The background of an event relative to the mean at reference_mu: the number of its interactions
// (Poisson) times a truncated normal factor.
struct ActivityConfig {
  double reference_mu = 200;
  double sigma = 0.145;                  // spread beyond that of the number of interactions
  double lowest = 0.25, highest = 1.35;  // limits of the factor
};

// The settings of all stages. The defaults are described in docs/simulation.md.
struct PhysicsConfig {
  Geometry geometry = default_geometry();
  Misalignment misalignment;
  GeneratorConfig generator;
  PropagationConfig propagation;
  DigitizationConfig digitization;
  ShowerConfig shower;
  ActivityConfig activity;
  BackgroundConfig background = default_background();
  PileUpConfig pile_up;
  ElectronicsConfig electronics;
  // Fraction of muons with hits in the New Small Wheel, in one of its two wedges: the published
  // sample has almost no sTGC and MM signal hits.
  double small_wheel_probability = 0.069;
};

// The settings without background that leaves segments in several stations.
[[nodiscard]] PhysicsConfig remove_correlations(PhysicsConfig physics);

// The settings of a detector that deviates from `physics`.
[[nodiscard]] PhysicsConfig vary(PhysicsConfig physics, const VariationConfig& variation);

}  // namespace stationhit::simulation
