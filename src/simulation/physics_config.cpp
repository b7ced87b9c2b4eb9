// A variation is a change of the settings of the stages, so no stage knows whether it is varied.
#include <stationhit/simulation/physics_config.hpp>

namespace stationhit::simulation {
namespace {

core::StationLayer layer_of(MissingLayer missing) {
  static_assert(static_cast<int>(MissingLayer::eo) == static_cast<int>(core::StationLayer::eo) + 1,
                "the names are those of the station layers after none");
  return missing == MissingLayer::none
             ? core::StationLayer::unknown
             : static_cast<core::StationLayer>(static_cast<int>(missing) - 1);
}

}  // namespace

PhysicsConfig remove_correlations(PhysicsConfig physics) {
  physics.background.correlated = uncorrelated_tracks;
  physics.pile_up.complete_share = 0;
  return physics;
}

PhysicsConfig vary(PhysicsConfig physics, const VariationConfig& variation) {
  for (ConversionRate& rate : physics.background.conversions)
    rate.conversions *= variation.background_rate;
  for (CavernTrackRate& rate : physics.background.tracks) rate.tracks *= variation.background_rate;
  physics.misalignment.shift += variation.chamber_shift;
  physics.misalignment.seed += variation.detector_seed;
  physics.digitization.mdt.resolution_factor *= variation.resolution_factor;
  physics.electronics.detector_seed += variation.detector_seed;
  physics.electronics.dead_channels += variation.dead_channels;
  physics.electronics.missing_layer = layer_of(variation.missing_layer);
  physics.electronics.missing_sector = variation.missing_sector;
  physics.electronics.time_offset += variation.time_offset;
  return physics;
}

}  // namespace stationhit::simulation
