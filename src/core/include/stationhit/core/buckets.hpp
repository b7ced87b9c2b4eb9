// The bucket rule: how hits are grouped if a file contains no buckets.
#pragma once

#include <cstdint>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::core {

// Constants of the rule, mm.
// A new bucket starts when y - y(first hit of the bucket) exceeds the length,
inline constexpr double bucket_length = 2000.0;
// or when y - y(previous hit) exceeds the gap.
inline constexpr double bucket_gap = 800.0;
// A hit this close (inclusive) to a border that is not a gap is an overlap hit: it joins both
// buckets.
inline constexpr double bucket_mirror = 250.0;

// Sector 1..16 of a hit, by its chamber.
[[nodiscard]] int sector(const HitColumns& hits, std::uint32_t hit);

// Whether the hit measures phi and no precision coordinate.
[[nodiscard]] bool is_phi_only(const HitColumns& hits, std::uint32_t hit);

// Groups the hits by (station layer, sector, side) and cuts each group along its precision
// coordinate y:
//  * barrel layers (BI, BM, BO): y = global z;
//  * all others: y = global x * cos(phi) + global y * sin(phi) with phi = (sector - 1) * pi / 8.
//  This
//    is the radius projected on the axis of the sector, computed in double and rounded to float32.
// Side is the sign of station_eta, with 0 on the positive side. Hits with an eta measurement (and
// those that measure nothing) are sorted by (y, canonical order) and cut by the constants above.
// The border is the midpoint of the two hits around a cut. Overlap hits do not move the limits of a
// bucket: x_min and x_max are the smallest and the largest y of its own hits. A hit that measures
// only phi joins every bucket of its group whose limits overlap the y range of its two edges; such
// hits follow the others in canonical order. Those that overlap no bucket, and hits with NaN or
// Inf, are in no bucket. Buckets are ordered by (layer, sector, side, y); `index` counts within
// (layer, sector, side). The chamber of a bucket is that of its first own hit. A permutation of the
// hits gives the same buckets with the hits renumbered.
// The columns must be there that this and the canonical order read: global position, ends of the
// sensitive element, measured coordinates, technology, station.
[[nodiscard]] BucketTable build_buckets(const HitColumns& hits);

}  // namespace stationhit::core
