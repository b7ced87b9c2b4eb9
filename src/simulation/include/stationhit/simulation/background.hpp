// Cavern background: neutrons, photons and stray charged particles. The model reproduces how they
// look and their rates, without transporting particles.
#pragma once

#include <cstddef>
#include <vector>

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

// Photons and neutrons that leave charge in one technology of one station layer. They are spread
// over the channels with a density that falls as a power of the radius in the end-cap and rises
// with |z| in the barrel, so that it depends on |eta|.
struct ConversionRate {
  core::Technology technology = core::Technology::mdt;
  core::StationLayer layer = core::StationLayer::unknown;
  double conversions = 0;  // per event at mu = 200
  double slope = 0;  // end-cap: density ~ radius^-slope; barrel: density ~ exp(slope |z| / 10 m)
};

// Charged particles of the cavern: straight tracks that are seen in a station. They cross all
// technologies of the frame.
struct CavernTrackRate {
  core::StationLayer layer = core::StationLayer::unknown;
  double tracks = 0;  // per event at mu = 200
  double slope = 0;   // as above
};

// Cavern tracks that belong together. The rates above stay those of the hits in all stations: what
// is added here replaces tracks of their own.
struct CorrelatedTrackConfig {
  // Of a track: it crosses the whole station and goes on to the next one, outward or inward.
  double through_probability = 0.06;
  double through_pointing = 0.5;  // of these: from the direction of the interaction region
  double through_turn = 0.05;     // rad, sigma of the turn between the stations
  double through_reach = 9000;    // mm, longest way between the stations
  // Of a track: it is the first one of a shower.
  double shower_probability = 0.15;
  double shower_tracks = 2;         // further ones, mean: 1 + Poisson
  double shower_size = 300;         // mm, sigma of their distance along x and along y
  double shower_spread = 0.1;       // sigma of their slopes
  double pair_conversions = 0.955;  // factor for RPC and TGC: several tracks make ghosts there
};
inline constexpr CorrelatedTrackConfig uncorrelated_tracks{0, 0, 0, 0, 0, 0, 0, 0, 1};

struct BackgroundConfig {
  std::vector<ConversionRate> conversions;
  std::vector<CavernTrackRate> tracks;
  double electron_range = 22;  // mm, mean path of the electron of a conversion
  double asynchronous_share =
      0.5;  // of the conversions: neutron capture, at any time of the readout window
  double time_window = 740;  // ns, on either side of the bunch crossing
  double half_station_probability =
      0.80;  // track seen by one half (multilayer) of the station only: it starts or stops there
  double pointing_probability =
      0.04;  // track from the direction of the interaction region, within pointing_sigma
  double pointing_sigma = 0.12;                 // of the slopes
  double max_slope_y = 1.5, max_slope_x = 0.6;  // of the others: flat up to here
  double in_time_probability = 0.5;             // track in time with the bunch crossing
  CorrelatedTrackConfig correlated;
};

// Rates that give the published hits per event with default_geometry().
[[nodiscard]] BackgroundConfig default_background();

class Background {
 public:
  Background(const Detector& detector, const Digitizer& digitizer, BackgroundConfig config);
  // Adds the background of one event; activity 1 = that of mu = 200.
  void operator()(double activity, Random& random, EventRecord& record) const;

 private:
  // Chambers with their share of a rate.
  struct Source {
    std::vector<std::size_t> chambers;
    std::vector<double> cumulative;  // of the shares, the last one is the sum
    double rate = 0, slope = 0;
  };
  struct SourcePoint {
    std::size_t chamber = 0, layer = 0;
    double x = 0, y = 0;  // mm, local
  };
  [[nodiscard]] Source make_source(core::Technology technology, core::StationLayer layer,
                                   double rate, double slope) const;
  [[nodiscard]] SourcePoint choose_point(const Source& source, Random& random) const;
  void add_conversion(const SourcePoint& point, Random& random, EventRecord& record) const;
  // cavern_tracks.cpp
  struct CavernTrack;
  void add_tracks(const SourcePoint& point, Random& random, EventRecord& record) const;
  void add_track(CavernTrack track, Random& random, EventRecord& record) const;
  void go_on(const CavernTrack& track, Random& random, EventRecord& record) const;
  [[nodiscard]] CavernTrack choose_track(const SourcePoint& point, Random& random) const;
  [[nodiscard]] Line choose_line(const SourcePoint& point, double z, double pointing_probability,
                                 Random& random) const;
  [[nodiscard]] double crossings_per_track() const;
  [[nodiscard]] double late(Random& random) const;

  const Detector* detector_;
  const Digitizer* digitizer_;
  BackgroundConfig config_;
  std::vector<Source> conversions_, tracks_;
};

}  // namespace stationhit::simulation
