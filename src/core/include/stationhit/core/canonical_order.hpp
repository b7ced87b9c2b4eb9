// The canonical order of hits (docs: definitions). It breaks every tie, so that a permutation of
// the hits changes nothing.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::core {

// Negative, 0 or positive if hit a comes before, is equal to, or comes after hit b in the order of
// (technology, stationIndex, stationEta, stationPhi, layer, channel, secChannel, local x, y, z,
// driftR, time), which must all be there. The result is 0 only if all of these are equal; then the
// index decides.
[[nodiscard]] int compare_canonical(const HitColumns& hits, std::uint32_t a, std::uint32_t b);

// rank[i] = position of hit i in the canonical order, 0 .. n - 1, all different.
[[nodiscard]] std::vector<std::uint32_t> canonical_rank(const HitColumns& hits);

}  // namespace stationhit::core
