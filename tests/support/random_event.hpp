// Random events for tests and benchmarks: plausible ranges in every column, no physics. Needs core
// only.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <random>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

// Values that do not depend on the standard library (its distributions do).
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : engine_(seed) {}
  // In [low, high].
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  // In [low, high).
  float real(float low, float high) {
    return low + (high - low) * (static_cast<float>(engine_() >> 40U) * 0x1p-24F);
  }

 private:
  std::mt19937_64 engine_;
};

namespace detail {

// A technology with the stations it occurs in and its largest layer and channel numbers.
struct Kind {
  std::uint8_t technology;
  std::array<std::uint8_t, 3> stations;
  std::uint8_t layers;
  std::uint16_t channels;
};
inline constexpr std::array<Kind, 5> kinds{{{0, {2, 4, 17}, 8, 72},
                                            {2, {2, 3, 4}, 4, 64},
                                            {3, {41, 43, 45}, 3, 32},
                                            {4, {57, 58, 57}, 8, 400},
                                            {5, {55, 56, 55}, 8, 6000}}};

inline void fill_hit(core::HitTable& hits, std::size_t i, std::size_t n_muons,
                     RandomValues& random) {
  const Kind& kind = kinds[static_cast<std::size_t>(random.integer(0, 4))];
  const bool mdt = kind.technology == 0;
  hits.local_x[i] = random.real(-2500.0F, 2500.0F);
  hits.local_y[i] = random.real(-1500.0F, 1500.0F);
  hits.local_z[i] = random.real(-200.0F, 200.0F);
  hits.glob_x[i] = random.real(-10000.0F, 10000.0F);
  hits.glob_y[i] = random.real(-10000.0F, 10000.0F);
  hits.glob_z[i] = random.real(-21500.0F, 21500.0F);
  hits.edge_low_x[i] = hits.glob_x[i] - 1000.0F;
  hits.edge_high_x[i] = hits.glob_x[i] + 1000.0F;
  hits.edge_low_y[i] = hits.edge_high_y[i] = hits.glob_y[i];
  hits.edge_low_z[i] = hits.edge_high_z[i] = hits.glob_z[i];
  hits.time[i] = mdt ? static_cast<float>(random.integer(0, 20000)) : random.real(-25.0F, 75.0F);
  hits.drift_r[i] = mdt ? random.real(0.0F, 14.6F) : 0.0F;
  hits.read_out_side[i] = random.integer(0, 1) == 0 ? std::int8_t{-1} : std::int8_t{1};
  hits.cov_xx[i] = random.real(1.0F, 400.0F);
  hits.cov_yy[i] = random.real(0.01F, 60.0F);
  hits.cov_xy[i] = hits.cov_yx[i] = random.real(-1.0F, 1.0F);
  hits.meas_eta[i] = static_cast<std::uint8_t>(random.integer(0, 9) != 0);
  hits.meas_phi[i] =
      static_cast<std::uint8_t>(hits.meas_eta[i] == 0 || (!mdt && random.integer(0, 1) == 0));
  hits.n_eta_in_use[i] = static_cast<std::uint32_t>(random.integer(0, 3));
  hits.n_phi_in_use[i] = static_cast<std::uint32_t>(random.integer(0, 3));
  hits.technology[i] = kind.technology;
  hits.station_index[i] = kind.stations[static_cast<std::size_t>(random.integer(0, 2))];
  hits.station_eta[i] = static_cast<std::int8_t>(random.integer(-8, 8));
  hits.station_phi[i] = static_cast<std::uint8_t>(random.integer(1, kind.technology == 3 ? 48 : 8));
  hits.layer[i] = static_cast<std::uint8_t>(random.integer(1, kind.layers));
  hits.channel[i] = static_cast<std::uint16_t>(random.integer(1, kind.channels));
  hits.sec_channel[i] = static_cast<std::int16_t>(
      hits.meas_phi[i] != 0 && hits.meas_eta[i] != 0 ? random.integer(1, 64) : -1);
  const bool of_muon = n_muons != 0 && random.integer(0, 49) == 0;
  hits.truth_link[i] = static_cast<std::int8_t>(
      of_muon ? random.integer(0, static_cast<std::int64_t>(n_muons) - 1) : core::no_muon);
}

inline void fill_muon(core::MuonTable& muons, std::size_t i, RandomValues& random) {
  muons.pt[i] = random.real(3.0F, 200.0F);
  muons.eta[i] = random.real(-2.7F, 2.7F);
  muons.phi[i] = random.real(-3.14F, 3.14F);
  muons.e[i] = muons.pt[i] * 2.0F;
  muons.q[i] = random.integer(0, 1) == 0 ? -1 : 1;
}

// About 31 hits in a bucket, consecutive in the table; the last hit of a bucket is mirrored into
// the next one.
inline void fill_buckets(core::Event& event, RandomValues& random) {
  const auto n_hits = static_cast<std::uint32_t>(event.hits.size());
  core::BucketTable& buckets = event.buckets;
  buckets.offsets.push_back(0);
  for (std::uint32_t first = 0; first < n_hits;) {
    const std::uint32_t last =
        std::min<std::uint32_t>(n_hits, first + static_cast<std::uint32_t>(random.integer(1, 60)));
    if (first != 0) buckets.hits.push_back(first - 1);
    for (std::uint32_t hit = first; hit < last; ++hit) buckets.hits.push_back(hit);
    buckets.index.push_back(static_cast<std::uint16_t>(random.integer(0, 5)));
    buckets.station_index.push_back(event.hits.station_index[first]);
    buckets.station_eta.push_back(event.hits.station_eta[first]);
    buckets.station_phi.push_back(event.hits.station_phi[first]);
    buckets.x_min.push_back(random.real(-1500.0F, 0.0F));
    buckets.x_max.push_back(random.real(0.0F, 1500.0F));
    buckets.offsets.push_back(static_cast<std::uint32_t>(buckets.hits.size()));
    first = last;
  }
}

}  // namespace detail

// Makes an event that depends only on the arguments, on every machine; core::check_consistency
// accepts it. At most 127 muons, because truth links have 8 bits.
inline core::Event random_event(std::uint64_t seed, std::size_t n_hits, std::size_t n_muons) {
  assert(n_muons <= 127);
  RandomValues random(seed);
  core::Event event;
  event.header.run_number = 450000U;
  event.header.event_number = (std::uint64_t{1} << 33U) + seed;
  event.header.lb_number = static_cast<std::uint32_t>(random.integer(1, 2000));
  event.header.bcid = static_cast<std::uint32_t>(random.integer(0, 3563));
  event.header.mc_channel_number = 601229U;
  event.header.mc_event_weight = random.real(0.5F, 1.5F);
  core::resize(event.hits, n_hits);
  core::resize(event.muons, n_muons);
  for (std::size_t i = 0; i < n_hits; ++i) detail::fill_hit(event.hits, i, n_muons, random);
  for (std::size_t i = 0; i < n_muons; ++i) detail::fill_muon(event.muons, i, random);
  detail::fill_buckets(event, random);
  return event;
}

}  // namespace stationhit::test
