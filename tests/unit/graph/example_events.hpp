// Small events made for graph tests.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

// Two multilayers of four tube layers, neighboring layers offset by half a pitch: nearly every
// distance occurs many times. One bucket.
inline core::Event mdt_lattice(std::uint16_t tubes) {
  core::Event event;
  core::HitTable& hits = event.hits;
  core::resize(hits, std::size_t{8} * tubes);
  std::size_t i = 0;
  for (std::uint8_t layer = 1; layer <= 8; ++layer) {
    for (std::uint16_t tube = 1; tube <= tubes; ++tube, ++i) {
      hits.station_index[i] = 2;
      hits.station_phi[i] = 3;
      hits.layer[i] = layer;
      hits.channel[i] = tube;
      hits.local_y[i] = 30.0F * static_cast<float>(tube) + (layer % 2 == 0 ? 15.0F : 0.0F);
      hits.local_z[i] = 26.0F * static_cast<float>(layer) + (layer > 4 ? 200.0F : 0.0F);
      hits.truth_link[i] = core::no_muon;
    }
  }
  core::BucketTable& buckets = event.buckets;
  buckets.index = {0};
  buckets.station_index = {2};
  buckets.station_eta = {0};
  buckets.station_phi = {3};
  buckets.x_min = {0.0F};
  buckets.x_max = {30.0F * static_cast<float>(tubes)};
  buckets.offsets = {0, static_cast<std::uint32_t>(hits.size())};
  for (std::uint32_t hit = 0; hit < hits.size(); ++hit) buckets.hits.push_back(hit);
  return event;
}

// A lattice spread over three sectors (1, 4, 5) and both sides, file's buckets dropped: ties inside
// every group.
inline core::Event mdt_lattice_in_sectors(std::uint16_t tubes) {
  core::Event event = mdt_lattice(tubes);
  for (std::size_t i = 0; i < event.hits.size(); ++i) {
    const int chamber = event.hits.channel[i] % 3;
    event.hits.station_index[i] = chamber == 1 ? 3 : 2;
    event.hits.station_phi[i] = static_cast<std::uint8_t>(1 + chamber);
    event.hits.station_eta[i] = event.hits.layer[i] % 2 == 0 ? std::int8_t{1} : std::int8_t{-1};
  }
  event.buckets = {};
  return event;
}

// Replaces the buckets of the event by these lists of hits, ranges 0 to 100 mm.
inline void set_buckets(core::Event& event, const std::vector<std::vector<std::uint32_t>>& lists) {
  const auto n = lists.size();
  event.buckets = {};
  event.buckets.index.assign(n, 0);
  event.buckets.station_index.assign(n, 2);
  event.buckets.station_eta.assign(n, 1);
  event.buckets.station_phi.assign(n, 1);
  event.buckets.x_min.assign(n, 0.0F);
  event.buckets.x_max.assign(n, 100.0F);
  event.buckets.offsets.push_back(0);
  for (const auto& list : lists) {
    event.buckets.hits.insert(event.buckets.hits.end(), list.begin(), list.end());
    event.buckets.offsets.push_back(static_cast<std::uint32_t>(event.buckets.hits.size()));
  }
}

// n hits in channels 1 .. n of one chamber at y = 10 mm * index, no buckets.
inline core::Event row_of_hits(std::uint16_t n) {
  core::Event event;
  core::resize(event.hits, n);
  for (std::uint16_t i = 0; i < n; ++i) {
    event.hits.station_index[i] = 2;
    event.hits.station_phi[i] = 1;
    event.hits.channel[i] = static_cast<std::uint16_t>(i + 1);
    event.hits.local_y[i] = 10.0F * static_cast<float>(i);
    event.hits.truth_link[i] = core::no_muon;
  }
  return event;
}

}  // namespace stationhit::test
