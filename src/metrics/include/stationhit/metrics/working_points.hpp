// The working points of every table and of the metadata of exported models.
#pragma once

#include <array>

namespace stationhit::metrics {

// Share of the true hits that a working point keeps.
inline constexpr std::array<double, 3> working_points{0.985, 0.99, 0.995};

// The one used where a single working point is shown: figures against pT, eta and phi, tables per
// technology.
inline constexpr double reference_working_point = 0.99;

// A muon is kept if at least this many of its hits are kept.
inline constexpr unsigned min_hits_of_kept_muon = 3;

}  // namespace stationhit::metrics
