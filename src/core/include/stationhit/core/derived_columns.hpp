// Columns that follow from the ends of the sensitive elements where a file has no others. All
// columns of the hits have the same length before.
#pragma once

#include <stationhit/core/event.hpp>

namespace stationhit::core {

// Fills glob_x/y/z with the middle of the two ends. For a hit that measures one coordinate this is
// all that is known of its place; one that measures two has its position somewhere else between
// them.
void derive_global_positions(HitTable& hits);

// Fills meas_eta and meas_phi, so that the bucket rule can tell hits apart that measure only phi:
// those whose sensitive element runs along the precision coordinate y of the rule
// (core/buckets.hpp; at less than 45 degrees). All others measure eta. What a hit measures in
// addition is not known: a space point of two strips counts as one of the strip whose ends it has.
void derive_measured_coordinates(HitTable& hits);

}  // namespace stationhit::core
