// The record that the stages of the simulation fill: fired channels and the particle behind each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace stationhit::simulation {

enum class Origin : std::uint8_t {
  muon,          // truth muon of the hard process
  pile_up_muon,  // complete muon that is in no truth table
  secondary,     // punch-through, decay in flight: charged, from the interaction region
  cavern_track,  // charged, any direction, seen in one station or two
  conversion,    // electron of a photon or recoil of a neutron
  delta_ray,     // electron knocked out by a muon
  shower,        // electrons of a radiating muon
  cross_talk,    // neighboring channel of a large signal
  ghost          // pair of an eta and a phi strip of different particles
};
inline constexpr std::size_t n_origins = 9;
[[nodiscard]] std::string_view name(Origin origin);  // "muon", "pile-up muon", ...

struct Particle {
  Origin origin = Origin::conversion;
  // True for particles from the interaction region, and for cavern tracks that cross a whole
  // station and point there within 0.1 rad.
  bool muon_like = false;

  bool operator==(const Particle&) const = default;
};

// A tube or strip that fired.
struct Cell {
  std::uint32_t chamber = 0;
  std::uint8_t layer = 0;            // 0 ..
  bool measures_phi = false;         // strip of the second coordinate (RPC, TGC)
  std::uint16_t channel = 0;         // 1 ..
  std::int16_t second_channel = -1;  // sTGC: phi channel of the same charge
  float drift_r = 0;                 // mm
  float time = 0;                    // unit by technology as in core::HitTable
  std::uint32_t particle = 0;        // index into EventRecord::particles
};

// The truth muons come first: particle m is muon m of the event.
struct EventRecord {
  std::size_t n_muons = 0;
  std::vector<Particle> particles;
  std::vector<Cell> cells;

  std::uint32_t add(Particle particle) {
    particles.push_back(particle);
    return static_cast<std::uint32_t>(particles.size() - 1);
  }
};

}  // namespace stationhit::simulation
