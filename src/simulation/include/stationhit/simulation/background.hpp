// Background of the cavern and of pile-up, after its look and its rates; no transport of particles.
#pragma once

#include <cstddef>
#include <vector>

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

// Charges of neutrons and photons in one technology of one station layer. They are spread over the channels with a density that falls as a power of
// the radius in the end-cap and rises with |z| in the barrel, so that it depends on |eta|.
struct ChargeRate {
  core::Technology technology = core::Technology::mdt;
  core::StationLayer layer = core::StationLayer::unknown;
  double charges = 0;  // per event at mu = 200
  double slope = 0;    // end-cap: density ~ radius^-slope; barrel: density ~ exp(slope |z| / 10 m)
};

// Short tracks: low-momentum charged particles through one station. They cross all technologies of the frame.
struct StubRate {
  core::StationLayer layer = core::StationLayer::unknown;
  double stubs = 0;  // per event at mu = 200
  double slope = 0;  // as above
};

struct BackgroundConfig {
  std::vector<ChargeRate> charges;
  std::vector<StubRate> stubs;
  double reference_mu = 200;
  double activity_sigma = 0.17;  // spread of the background between events beyond that of the number of interactions
  double min_activity = 0.1;
  double neighbour_probability = 0.35;          // that a charge fires one more neighbouring channel, again after each one
  double same_layer_probability = 0.55;         // that this neighbour is in the same layer, else in the next one
  double short_stub_probability = 0.80;         // stub seen by one half (multilayer) of the station only
  double pointing_probability = 0.06;           // stub that points to the interaction region, within pointing_sigma
  double pointing_sigma = 0.12;                 // of the slopes
  double max_slope_y = 1.5, max_slope_x = 0.6;  // stubs that do not point: flat up to here
  double prompt_probability = 0.5;              // stub in time with the bunch crossing
};

// Rates that give the published hits per event with default_geometry().
[[nodiscard]] BackgroundConfig default_background();

class Background {
 public:
  Background(const Detector& detector, const Digitizer& digitizer, BackgroundConfig config);
  // Adds the cells of one event with mean pile-up mu.
  void operator()(double mu, Random& random, std::vector<Cell>& cells) const;

 private:
  // Chambers with their share of a rate.
  struct Source {
    std::vector<std::size_t> chambers;
    std::vector<double> cumulative;  // of the shares, the last one is the sum
    double rate = 0, slope = 0;
  };
  struct Place {
    std::size_t chamber = 0, layer = 0;
    double x = 0, y = 0;  // mm, local
  };
  [[nodiscard]] Source make_source(core::Technology technology, core::StationLayer layer, double rate, double slope) const;
  [[nodiscard]] Place choose_place(const Source& source, Random& random) const;
  void add_charge(const Place& place, Random& random, std::vector<Cell>& cells) const;
  void add_stub(const Place& place, Random& random, std::vector<Cell>& cells) const;

  const Detector* detector_;
  const Digitizer* digitizer_;
  BackgroundConfig config_;
  std::vector<Source> charges_, stubs_;
};

}  // namespace stationhit::simulation
