// An event in memory of the caller: what event.hpp keeps in vectors, as views. Meaning and units of
// the columns are those of HitTable and BucketTable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

// Every column has n_hits values, or none where it is left out. There is no truth link, because
// nothing that is computed for a model reads it.
//
// Made of a table, the columns are views that are valid as long as it stays as it is.
struct HitColumns {
  HitColumns() = default;
  HitColumns(const HitTable& hits);  // NOLINT(google-explicit-constructor)

  std::size_t n_hits = 0;
  std::span<const float> local_x, local_y, local_z;
  std::span<const float> glob_x, glob_y, glob_z;
  std::span<const float> edge_low_x, edge_low_y, edge_low_z;
  std::span<const float> edge_high_x, edge_high_y, edge_high_z;
  std::span<const float> time;
  std::span<const float> drift_r;
  std::span<const std::int8_t> read_out_side;
  std::span<const float> cov_xx, cov_xy, cov_yx, cov_yy;
  std::span<const std::uint8_t> meas_eta, meas_phi;
  std::span<const std::uint32_t> n_eta_in_use, n_phi_in_use;
  std::span<const std::uint8_t> technology;
  std::span<const std::uint8_t> station_index;
  std::span<const std::int8_t> station_eta;
  std::span<const std::uint8_t> station_phi;
  std::span<const std::uint8_t> layer;
  std::span<const std::uint16_t> channel;
  std::span<const std::int16_t> sec_channel;

  [[nodiscard]] std::size_t size() const { return n_hits; }
};

// Calls visit(branch name without "spacePoint_", member of HitColumns, member of HitTable) for
// every column of HitColumns, in the order of for_each_hit_column.
template <class Visitor>
void for_each_column(Visitor&& visit) {
  visit("PositionX", &HitColumns::local_x, &HitTable::local_x);
  visit("PositionY", &HitColumns::local_y, &HitTable::local_y);
  visit("PositionZ", &HitColumns::local_z, &HitTable::local_z);
  visit("globPosX", &HitColumns::glob_x, &HitTable::glob_x);
  visit("globPosY", &HitColumns::glob_y, &HitTable::glob_y);
  visit("globPosZ", &HitColumns::glob_z, &HitTable::glob_z);
  visit("globEdgeLowX", &HitColumns::edge_low_x, &HitTable::edge_low_x);
  visit("globEdgeLowY", &HitColumns::edge_low_y, &HitTable::edge_low_y);
  visit("globEdgeLowZ", &HitColumns::edge_low_z, &HitTable::edge_low_z);
  visit("globEdgeHighX", &HitColumns::edge_high_x, &HitTable::edge_high_x);
  visit("globEdgeHighY", &HitColumns::edge_high_y, &HitTable::edge_high_y);
  visit("globEdgeHighZ", &HitColumns::edge_high_z, &HitTable::edge_high_z);
  visit("time", &HitColumns::time, &HitTable::time);
  visit("driftR", &HitColumns::drift_r, &HitTable::drift_r);
  visit("readOutSide", &HitColumns::read_out_side, &HitTable::read_out_side);
  visit("covXX", &HitColumns::cov_xx, &HitTable::cov_xx);
  visit("covXY", &HitColumns::cov_xy, &HitTable::cov_xy);
  visit("covYX", &HitColumns::cov_yx, &HitTable::cov_yx);
  visit("covYY", &HitColumns::cov_yy, &HitTable::cov_yy);
  visit("measEta", &HitColumns::meas_eta, &HitTable::meas_eta);
  visit("measPhi", &HitColumns::meas_phi, &HitTable::meas_phi);
  visit("nEtaInUse", &HitColumns::n_eta_in_use, &HitTable::n_eta_in_use);
  visit("nPhiInUse", &HitColumns::n_phi_in_use, &HitTable::n_phi_in_use);
  visit("technology", &HitColumns::technology, &HitTable::technology);
  visit("stationIndex", &HitColumns::station_index, &HitTable::station_index);
  visit("stationEta", &HitColumns::station_eta, &HitTable::station_eta);
  visit("stationPhi", &HitColumns::station_phi, &HitTable::station_phi);
  visit("layer", &HitColumns::layer, &HitTable::layer);
  visit("channel", &HitColumns::channel, &HitTable::channel);
  visit("secChannel", &HitColumns::sec_channel, &HitTable::sec_channel);
}

// Lists of hits. x_min and x_max have n_buckets values, or both none.
struct BucketColumns {
  BucketColumns() = default;
  BucketColumns(const BucketTable& buckets);  // NOLINT(google-explicit-constructor)

  std::size_t n_buckets = 0;
  std::span<const float> x_min, x_max;     // mm
  std::span<const std::uint32_t> offsets;  // [n_buckets + 1], or none without buckets
  std::span<const std::uint32_t> hits;     // [offsets.back()] indices into the hits

  [[nodiscard]] std::size_t size() const { return n_buckets; }
  [[nodiscard]] std::span<const std::uint32_t> hits_of(std::size_t bucket) const {
    return hits.subspan(offsets[bucket], offsets[bucket + 1] - offsets[bucket]);
  }
};

struct EventColumns {
  EventColumns() = default;
  EventColumns(const Event& event);  // NOLINT(google-explicit-constructor)

  EventHeader header;  // only messages tell it
  HitColumns hits;
  BucketColumns buckets;
};

// Throws DataError naming `where`, the column and the offending value, unless there are at most
// 2^31 - 1 hits, buckets and entries of buckets, every column has n_hits values or none, the
// offsets of the buckets ascend from 0 to the number of entries of their hits, and these hits
// exist.
void check_consistency(const EventColumns& event, const std::string& where);

}  // namespace stationhit::core
