// The event as every module sees it. Conventions of the whole library, stated once:
//  * units mm, ns, GeV, rad; float32 unless said otherwise;
//  * tables are structures of arrays: all columns of a table have the same length, and row i of
//  every
//    column belongs to hit (muon, bucket) i;
//  * a truth link is an index into the event's muons, or -1 for background.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace stationhit::core {

inline constexpr std::int32_t no_muon = -1;

// Event header as in the ntuple. event_number can exceed 32 bits.
struct EventHeader {
  std::uint32_t run_number = 0;
  std::uint64_t event_number = 0;
  std::uint32_t lb_number = 0;
  std::uint32_t bcid = 0;
  std::uint32_t mc_channel_number = 0;
  float mc_event_weight = 1.0F;

  bool operator==(const EventHeader&) const = default;
};

// Hits (space points) of one event. Local frame: x along the tube or strip, y the precision
// coordinate in the layer, z out of the plane.
struct HitTable {
  std::vector<float> local_x, local_y, local_z;  // mm, chamber frame
  std::vector<float> glob_x, glob_y, glob_z;     // mm
  // mm, global: the two ends of the sensitive element
  std::vector<float> edge_low_x, edge_low_y, edge_low_z;
  std::vector<float> edge_high_x, edge_high_y, edge_high_z;
  std::vector<float> time;     // MDT raw TDC counts; RPC, MM, sTGC ns; TGC bunch-crossing bitmap
  std::vector<float> drift_r;  // mm, MDT only, 0 for strips
  std::vector<std::int8_t> read_out_side;             // +-1
  std::vector<float> cov_xx, cov_xy, cov_yx, cov_yy;  // mm^2, local; x non-precision, y precision
  std::vector<std::uint8_t> meas_eta, meas_phi;  // 1 if the hit carries an eta (phi) measurement
  // numbers of other space points that share the same eta (phi) measurement
  std::vector<std::uint32_t> n_eta_in_use, n_phi_in_use;
  std::vector<std::uint8_t> technology;     // code of core/technology.hpp
  std::vector<std::uint8_t> station_index;  // code of core/technology.hpp
  std::vector<std::int8_t> station_eta;     // -8..8, the sign is the side
  std::vector<std::uint8_t> station_phi;    // 1..8 (TGC up to 48)
  std::vector<std::uint8_t> layer;          // numbering by technology
  std::vector<std::uint16_t> channel;       // tube or strip number
  std::vector<std::int16_t> sec_channel;    // second (phi) strip, -1 if none
  std::vector<std::int8_t> truth_link;      // muon index, -1 background

  [[nodiscard]] std::size_t size() const { return local_x.size(); }
  bool operator==(const HitTable&) const = default;
};

// Calls visit(branch name without "spacePoint_", pointer to member) for every column of HitTable,
// in file order. This is the only list of columns; readers, writers, shards, resize, gather and
// checks all use it.
template <class Visitor>
void for_each_hit_column(Visitor&& visit) {
  visit("PositionX", &HitTable::local_x);
  visit("PositionY", &HitTable::local_y);
  visit("PositionZ", &HitTable::local_z);
  visit("globPosX", &HitTable::glob_x);
  visit("globPosY", &HitTable::glob_y);
  visit("globPosZ", &HitTable::glob_z);
  visit("globEdgeLowX", &HitTable::edge_low_x);
  visit("globEdgeLowY", &HitTable::edge_low_y);
  visit("globEdgeLowZ", &HitTable::edge_low_z);
  visit("globEdgeHighX", &HitTable::edge_high_x);
  visit("globEdgeHighY", &HitTable::edge_high_y);
  visit("globEdgeHighZ", &HitTable::edge_high_z);
  visit("time", &HitTable::time);
  visit("driftR", &HitTable::drift_r);
  visit("readOutSide", &HitTable::read_out_side);
  visit("covXX", &HitTable::cov_xx);
  visit("covXY", &HitTable::cov_xy);
  visit("covYX", &HitTable::cov_yx);
  visit("covYY", &HitTable::cov_yy);
  visit("measEta", &HitTable::meas_eta);
  visit("measPhi", &HitTable::meas_phi);
  visit("nEtaInUse", &HitTable::n_eta_in_use);
  visit("nPhiInUse", &HitTable::n_phi_in_use);
  visit("technology", &HitTable::technology);
  visit("stationIndex", &HitTable::station_index);
  visit("stationEta", &HitTable::station_eta);
  visit("stationPhi", &HitTable::station_phi);
  visit("layer", &HitTable::layer);
  visit("channel", &HitTable::channel);
  visit("secChannel", &HitTable::sec_channel);
  visit("truthLink", &HitTable::truth_link);
}

// Truth muons of one event.
struct MuonTable {
  std::vector<float> pt, e;     // GeV
  std::vector<float> eta, phi;  // -, rad
  std::vector<std::int32_t> q;  // elementary charges

  [[nodiscard]] std::size_t size() const { return pt.size(); }
  bool operator==(const MuonTable&) const = default;
};

// Calls visit(branch name without "truthMuon_", pointer to member) for every column of MuonTable.
template <class Visitor>
void for_each_muon_column(Visitor&& visit) {
  visit("pt", &MuonTable::pt);
  visit("e", &MuonTable::e);
  visit("eta", &MuonTable::eta);
  visit("phi", &MuonTable::phi);
  visit("q", &MuonTable::q);
}

// Buckets as in the file. The hits of bucket b are hits[offsets[b]] .. hits[offsets[b + 1] - 1]; a
// hit can be in several buckets. A table without buckets may have empty offsets.
struct BucketTable {
  std::vector<std::uint16_t> index;         // running number of the bucket in its sector
  std::vector<std::uint8_t> station_index;  // chamber of the bucket
  std::vector<std::int8_t> station_eta;
  std::vector<std::uint8_t> station_phi;
  std::vector<float> x_min, x_max;     // mm, covered range along the precision axis
  std::vector<std::uint32_t> offsets;  // [size() + 1]
  std::vector<std::uint32_t> hits;     // indices into the hit table

  [[nodiscard]] std::size_t size() const { return index.size(); }
  [[nodiscard]] std::span<const std::uint32_t> hits_of(std::size_t bucket) const {
    return std::span(hits).subspan(offsets[bucket], offsets[bucket + 1] - offsets[bucket]);
  }
  bool operator==(const BucketTable&) const = default;
};

// Calls visit(branch name without "bucket_", pointer to member) for every scalar column of
// BucketTable (not the hit lists).
template <class Visitor>
void for_each_bucket_column(Visitor&& visit) {
  visit("index", &BucketTable::index);
  visit("stationIndex", &BucketTable::station_index);
  visit("stationEta", &BucketTable::station_eta);
  visit("stationPhi", &BucketTable::station_phi);
  visit("xMin", &BucketTable::x_min);
  visit("xMax", &BucketTable::x_max);
}

struct Event {
  EventHeader header;
  HitTable hits;
  MuonTable muons;
  BucketTable buckets;

  bool operator==(const Event&) const = default;
};

// Sets every column to n rows.
void resize(HitTable& hits, std::size_t n);
void resize(MuonTable& muons, std::size_t n);

// Row i of the result is row rows[i] of the table. Rows out of range are a bug of the caller
// (asserted).
[[nodiscard]] HitTable gather(const HitTable& hits, std::span<const std::uint32_t> rows);
[[nodiscard]] MuonTable gather(const MuonTable& muons, std::span<const std::uint32_t> rows);

// Keeps the given hits (ascending indices) and drops the others: buckets are renumbered to the new
// hits and stay even when they become empty; muons and header stay.
[[nodiscard]] Event keep_hits(const Event& event, std::span<const std::uint32_t> hits);

// Throws DataError naming `where` (file and entry), the column and the offending value, unless all
// columns have the same length, the bucket offsets ascend and their hits exist, and every truth
// link is -1 or an index into the muons.
void check_consistency(const Event& event, const std::string& where);

// Describes the first hit, or muon, with a NaN or Inf in a float column: "spacePoint_PositionX[17]
// = nan". Empty if all values are finite.
[[nodiscard]] std::string first_non_finite(const Event& event);

// 1 for hits with NaN or Inf in any float column.
[[nodiscard]] std::vector<std::uint8_t> non_finite_hits(const HitTable& hits);

}  // namespace stationhit::core
