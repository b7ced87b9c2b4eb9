// The bucket rule: how hits are grouped where a file brings no buckets of its own.
#pragma once

#include <cstdint>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

// Constants of the rule, mm.
inline constexpr double bucket_length =
    2000.0;  // a new bucket starts when y - y(first of the bucket) exceeds this,
inline constexpr double bucket_gap = 800.0;  // or y - y(previous hit) exceeds this
inline constexpr double bucket_mirror =
    250.0;  // a hit this close (inclusive) to a border that is not a gap joins both buckets

// Sector 1..16 of a hit, by its chamber.
[[nodiscard]] int sector(const HitTable& hits, std::uint32_t hit);

// Groups the hits by (station layer, sector, side) and cuts each group along its precision
// coordinate y:
//  * barrel layers (BI, BM, BO): y = global z;
//  * all others: y = global x * cos(phi) + global y * sin(phi) with phi = (sector - 1) * pi / 8,
//  the radius projected on the sector's axis,
//    computed in double and rounded to float32.
// Side is the sign of station_eta, with 0 on the positive side. Hits with an eta measurement (and
// those that measure nothing) are sorted by (y, canonical order) and cut by the constants above;
// the border is the midpoint of the two hits around a cut. Mirrored hits do not move the limits of
// a bucket: x_min and x_max are the smallest and the largest y of its own hits. A hit that measures
// phi only joins every bucket of its group whose limits overlap the y range of its two edges, in
// canonical order after the others. One that overlaps none, and hits with NaN or Inf, are in no
// bucket. Buckets stand in the order of (layer, sector, side, y); `index` counts within (layer,
// sector, side); the chamber of a bucket is that of its first own hit. A permutation of the hits
// gives the same buckets with the hits renamed.
[[nodiscard]] BucketTable build_buckets(const HitTable& hits);

}  // namespace stationhit::core
