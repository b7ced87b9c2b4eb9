// Hits are sorted by (group, y, canonical rank), where a group is one (station layer, sector,
// side). One sweep over each sorted group starts a new bucket at every gap and wherever the current
// bucket would become too long. Overlap hits are then the hits next to a border in the same sorted
// list. The sort dominates: O(n log n). Ties are broken by canonical rank, so a permutation of the
// hits changes nothing.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/derived_columns.hpp>
#include <stationhit/core/finite_hits.hpp>
#include <stationhit/core/technology.hpp>

namespace stationhit::core {
namespace {

// One hit as the sorting sees it. Precision hits carry their coordinate, phi-only hits the range
// that their strip covers, because a phi strip measures no precision coordinate.
struct GroupMember {
  std::uint32_t group = 0;
  float y = 0;                  // precision coordinate; unused for phi-only hits
  float y_low = 0, y_high = 0;  // range of the sensitive element; for phi-only hits
  std::uint32_t rank = 0;       // canonical
  std::uint32_t hit = 0;
};

struct BucketRange {
  std::size_t first = 0, last = 0;  // own hits [first, last) of the sorted group
};

// The precision coordinate is z in the barrel. In the end-caps it is the distance from the beam
// along the center line of the sector, which keeps chambers of one sector on one axis although they
// stand at different phi.
class SectorAxes {
 public:
  SectorAxes() {
    for (std::size_t s = 0; s < n_sectors; ++s) {
      const double phi = static_cast<double>(s) * std::numbers::pi / 8.0;
      cos_[s] = std::cos(phi);
      sin_[s] = std::sin(phi);
    }
  }
  [[nodiscard]] float precision(StationLayer layer, std::size_t sector_index, float x, float y,
                                float z) const {
    if (is_barrel(layer)) return z;
    // Double precision, so that the rounding of the product cannot depend on the compiler.
    return static_cast<float>(static_cast<double>(x) * cos_[sector_index] +
                              static_cast<double>(y) * sin_[sector_index]);
  }

 private:
  std::array<double, n_sectors> cos_{}, sin_{};
};

const SectorAxes& sector_axes() {
  static const SectorAxes axes;
  return axes;
}

// y of the two ends of the sensitive element.
struct EndsAlongY {
  float low, high;
};

EndsAlongY ends_along_y(const HitColumns& hits, std::uint32_t i) {
  const StationLayer layer = station_layer(hits.station_index[i]);
  const auto sector_index = static_cast<std::size_t>(sector(hits, i) - 1);
  return {sector_axes().precision(layer, sector_index, hits.edge_low_x[i], hits.edge_low_y[i],
                                  hits.edge_low_z[i]),
          sector_axes().precision(layer, sector_index, hits.edge_high_x[i], hits.edge_high_y[i],
                                  hits.edge_high_z[i])};
}

GroupMember make_member(const HitColumns& hits, std::uint32_t i, std::uint32_t rank) {
  GroupMember member;
  member.group = chamber_group(static_cast<Technology>(hits.technology[i]), hits.station_index[i],
                               hits.station_eta[i], hits.station_phi[i]);
  member.rank = rank;
  member.hit = i;
  if (is_phi_only(hits, i)) {
    const EndsAlongY ends = ends_along_y(hits, i);
    member.y_low = std::min(ends.low, ends.high);
    member.y_high = std::max(ends.low, ends.high);
  } else {
    const auto sector_index = static_cast<std::size_t>(sector(hits, i) - 1);
    member.y = sector_axes().precision(station_layer(hits.station_index[i]), sector_index,
                                       hits.glob_x[i], hits.glob_y[i], hits.glob_z[i]);
  }
  return member;
}

// Differences are taken in double: at 20 m a float32 has steps of 2 um, and the limits would depend
// on the rounding.
double distance(float low, float high) {
  return static_cast<double>(high) - static_cast<double>(low);
}

std::vector<BucketRange> cut_into_buckets(std::span<const GroupMember> group) {
  std::vector<BucketRange> buckets;
  for (std::size_t n = 0; n < group.size(); ++n) {
    const bool starts = n == 0 ||
                        distance(group[buckets.back().first].y, group[n].y) > bucket_length ||
                        distance(group[n - 1].y, group[n].y) > bucket_gap;
    if (starts) buckets.push_back({n, n});
    buckets.back().last = n + 1;
  }
  return buckets;
}

// The range of a bucket including overlap hits, which are adjacent to it in the sorted group.
BucketRange add_overlap_hits(std::span<const GroupMember> group,
                             std::span<const BucketRange> buckets, std::size_t b) {
  BucketRange with_overlap = buckets[b];
  const auto border = [&](std::size_t n) {
    return (static_cast<double>(group[n - 1].y) + static_cast<double>(group[n].y)) / 2;
  };
  // No hit crosses a border that is a gap: the definition joins only hits that a length limit
  // separated.
  const auto is_gap = [&](std::size_t n) {
    return distance(group[n - 1].y, group[n].y) > bucket_gap;
  };
  if (b > 0 && !is_gap(buckets[b].first)) {
    const double low = border(buckets[b].first) - bucket_mirror;
    while (with_overlap.first > buckets[b - 1].first &&
           static_cast<double>(group[with_overlap.first - 1].y) >= low)
      --with_overlap.first;
  }
  if (b + 1 < buckets.size() && !is_gap(buckets[b].last)) {
    const double high = border(buckets[b].last) + bucket_mirror;
    while (with_overlap.last < buckets[b + 1].last &&
           static_cast<double>(group[with_overlap.last].y) <= high)
      ++with_overlap.last;
  }
  return with_overlap;
}

void append_group(const HitColumns& hits, std::span<const GroupMember> group,
                  std::span<const GroupMember> phi_only, BucketTable& table) {
  const std::vector<BucketRange> buckets = cut_into_buckets(group);
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    const GroupMember& first = group[buckets[b].first];
    const float y_max = group[buckets[b].last - 1].y;
    table.index.push_back(static_cast<std::uint16_t>(b));
    table.station_index.push_back(hits.station_index[first.hit]);
    table.station_eta.push_back(hits.station_eta[first.hit]);
    table.station_phi.push_back(hits.station_phi[first.hit]);
    table.x_min.push_back(first.y);
    table.x_max.push_back(y_max);
    const BucketRange with_overlap = add_overlap_hits(group, buckets, b);
    for (std::size_t n = with_overlap.first; n < with_overlap.last; ++n)
      table.hits.push_back(group[n].hit);
    // A phi-only hit joins every bucket that it overlaps, which can be several. They come last, so
    // that the precision hits of a bucket stay sorted by y.
    for (const GroupMember& member : phi_only)
      if (member.y_low <= y_max && member.y_high >= first.y) table.hits.push_back(member.hit);
    table.offsets.push_back(static_cast<std::uint32_t>(table.hits.size()));
  }
}

// Sorts the members by group and, inside a group, by `before`.
template <class Before>
void sort_members(std::vector<GroupMember>& members, Before before) {
  std::sort(members.begin(), members.end(), [&](const GroupMember& a, const GroupMember& b) {
    return a.group != b.group ? a.group < b.group : before(a, b);
  });
}

}  // namespace

bool is_phi_only(const HitColumns& hits, std::uint32_t hit) {
  return hits.meas_phi[hit] != 0 && hits.meas_eta[hit] == 0;
}

int sector(const HitColumns& hits, std::uint32_t hit) {
  return sector(static_cast<Technology>(hits.technology[hit]), hits.station_index[hit],
                hits.station_phi[hit]);
}

void derive_global_positions(HitTable& hits) {
  const auto set = [](const std::vector<float>& low, const std::vector<float>& high,
                      std::vector<float>& middle) {
    middle.resize(low.size());
    for (std::size_t i = 0; i < low.size(); ++i)
      middle[i] = static_cast<float>((double{low[i]} + double{high[i]}) / 2);
  };
  set(hits.edge_low_x, hits.edge_high_x, hits.glob_x);
  set(hits.edge_low_y, hits.edge_high_y, hits.glob_y);
  set(hits.edge_low_z, hits.edge_high_z, hits.glob_z);
}

void derive_measured_coordinates(HitTable& hits) {
  const HitColumns columns(hits);
  for (std::uint32_t i = 0; i < hits.size(); ++i) {
    const EndsAlongY ends = ends_along_y(columns, i);
    const double along = distance(ends.low, ends.high);
    const double dx = distance(hits.edge_low_x[i], hits.edge_high_x[i]);
    const double dy = distance(hits.edge_low_y[i], hits.edge_high_y[i]);
    const double dz = distance(hits.edge_low_z[i], hits.edge_high_z[i]);
    const bool runs_along_y = 2 * along * along > dx * dx + dy * dy + dz * dz;
    hits.meas_phi[i] = runs_along_y ? 1 : 0;
    hits.meas_eta[i] = runs_along_y ? 0 : 1;
  }
}

BucketTable build_buckets(const HitColumns& hits) {
  // Hits with NaN or Inf get no bucket: they cannot be sorted, and no group may depend on them.
  std::vector<std::uint8_t> bad;
  mark_non_finite_hits(hits, bad);
  const std::vector<std::uint32_t> rank = canonical_rank(hits);
  std::vector<GroupMember> precision, phi_only;
  for (std::uint32_t i = 0; i < hits.size(); ++i) {
    if (bad[i] == 0)
      (is_phi_only(hits, i) ? phi_only : precision).push_back(make_member(hits, i, rank[i]));
  }
  sort_members(precision, [](const GroupMember& a, const GroupMember& b) {
    return a.y != b.y ? a.y < b.y : a.rank < b.rank;
  });
  sort_members(phi_only,
               [](const GroupMember& a, const GroupMember& b) { return a.rank < b.rank; });

  BucketTable table;
  table.offsets.push_back(0);
  for (std::size_t begin = 0; begin < precision.size();) {
    std::size_t end = begin;
    while (end < precision.size() && precision[end].group == precision[begin].group) ++end;
    const auto same = std::equal_range(
        phi_only.begin(), phi_only.end(), precision[begin],
        [](const GroupMember& a, const GroupMember& b) { return a.group < b.group; });
    append_group(hits, std::span(precision).subspan(begin, end - begin),
                 std::span(same.first, same.second), table);
    begin = end;
  }
  return table;
}

}  // namespace stationhit::core
