// A track is intersected with every layer of the chambers of a frame. Strips fire where the track
// crosses the layer; tubes (tube_signals.cpp) fire with the distance of the track from their wire.
// Electrons are short segments. Every signal becomes a Cell with its particle; which of several
// signals of one channel survives is decided later, in the readout.
#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {
namespace {

using core::Technology;

bool between_sides(const Chamber& chamber, double x, double y) {
  return x >= chamber.x_low(y) && x <= chamber.x_high(y);
}
// Shifted layers of tubes extend a quarter of a pitch beyond the ends of the chamber, and a slanted
// track can reach a tube from a radius further out.
bool between_ends(const Chamber& chamber, double y) {
  const double reach = chamber.technology == Technology::mdt ? chamber.pitch : 0;
  return y >= chamber.y_low - reach && y <= chamber.y_high + reach;
}

bool sees(const Chamber& chamber, SmallWheelView view, double z) {
  if (chamber.technology != Technology::stgc && chamber.technology != Technology::mm) return true;
  switch (view) {
    case SmallWheelView::all:
      return true;
    case SmallWheelView::none:
      return false;
    case SmallWheelView::near_wedge:
      return z < 0;
    default:
      return z > 0;
  }
}

// The bunch crossings of a TGC signal: bit 0 is the previous one, bit 1 the current one, bit 2 the
// next.
// The shares are those of the toy's tuning, as cumulative sums. A signal near the border of two
// crossings sets the bits of both.
double crossing_bits(bool in_time, Random& random) {
  constexpr std::array<double, 6> bits{2, 6, 3, 4, 1, 7};
  constexpr std::array<double, 6> prompt_sum{0.80, 0.91, 0.95, 0.97, 0.99, 1.0},
      other_sum{0.45, 0.60, 0.70, 0.84, 0.97, 1.0};
  const auto& sums = in_time ? prompt_sum : other_sum;
  const double u = random.uniform();
  std::size_t i = 0;
  while (i + 1 < sums.size() && u > sums[i]) ++i;
  return bits[i];
}

}  // namespace

Line line_in_chamber(const Chamber& chamber, const Line& line) {
  const Vector3& shift = chamber.shift;
  return {line.x + line.tx * shift.z - shift.x, line.y + line.ty * shift.z - shift.y, line.tx,
          line.ty};
}

void Digitizer::cross(std::size_t frame, const Track& in_frame, Random& random,
                      EventRecord& record) const {
  Track track = in_frame;
  for (const std::size_t index : detector_->chambers_of_frame(frame)) {
    const Chamber& chamber = detector_->chambers()[index];
    track.line = line_in_chamber(chamber, in_frame.line);
    const auto layers = detector_->layers(chamber);
    // The sides of a chamber point to the beam line, so a track that passes between them in the
    // middle does so in every layer.
    const double middle = (layers.front() + layers.back()) / 2;
    if (!between_sides(chamber, track.line.x + track.line.tx * middle,
                       track.line.y + track.line.ty * middle))
      continue;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const double z = layers[layer];
      if (z < track.z_low || z > track.z_high || !sees(chamber, track.small_wheel, z)) continue;
      const double x = track.line.x + track.line.tx * z, y = track.line.y + track.line.ty * z;
      if (!between_ends(chamber, y)) continue;
      if (chamber.technology == Technology::mdt)
        cross_tubes(static_cast<std::uint32_t>(index), static_cast<std::uint8_t>(layer), track,
                    random, record);
      else
        fire_strips({static_cast<std::uint32_t>(index), static_cast<std::uint8_t>(layer), x, y,
                     track.in_time, track.particle},
                    random, record);
    }
  }
}

void Digitizer::ionize(const Electron& electron, Random& random, EventRecord& record) const {
  if (detector_->chambers()[electron.chamber].technology == Technology::mdt)
    ionize_tubes(electron, random, record);
  else
    ionize_strips(electron, random, record);
}

void Digitizer::ionize_strips(const Electron& electron, Random& random, EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[electron.chamber];
  const auto layers = detector_->layers(chamber);
  const double z_end = electron.z + electron.length * electron.dz;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto layer = static_cast<std::uint8_t>(i);
    const double depth = layers[layer] - electron.z;
    const bool crossed = std::min(electron.z, z_end) <= layers[layer] &&
                         layers[layer] <= std::max(electron.z, z_end);
    if (!crossed) continue;
    const double y = electron.y + (depth == 0 ? 0 : depth / electron.dz * electron.dy);
    if (between_ends(chamber, y) && between_sides(chamber, electron.x, y))
      fire_strips({electron.chamber, layer, electron.x, y, electron.in_time, electron.particle},
                  random, record);
  }
}

void Digitizer::fire_strips(const StripSignal& signal, Random& random, EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[signal.chamber];
  const StripConfig& config = strips(chamber.technology);
  if (!random.chance(config.efficiency)) return;
  const auto time = static_cast<float>(strip_time(chamber.technology, signal.in_time, random));
  const int eta = std::clamp(detector_->channel_at(chamber, signal.layer, signal.y), 1,
                             static_cast<int>(chamber.n_channels));
  const bool fires_eta = random.chance(config.efficiency_eta),
             fires_phi = chamber.n_phi_channels > 0 && random.chance(config.efficiency_phi);
  const int phi = fires_phi ? chamber.phi_strip_at(signal.x, signal.y) : -1;
  // RPC and TGC read the two coordinates out as separate channels, which are combined later; sTGC
  // and MM store the second one with the first.
  const bool is_pair =
      chamber.technology == Technology::rpc || chamber.technology == Technology::tgc;
  const auto fire = [&](bool second_coordinate, int channel, int n_channels) {
    if (channel < 1 || channel > n_channels) return;
    record.cells.push_back(
        {signal.chamber, signal.layer, second_coordinate, static_cast<std::uint16_t>(channel),
         static_cast<std::int16_t>(is_pair ? -1 : phi), 0.0F, time, signal.particle});
  };
  const auto neighbor = [&](int channel) { return channel + (random.chance(0.5) ? 1 : -1); };
  if (fires_eta) fire(false, eta, chamber.n_channels);
  if (fires_eta && random.chance(config.cluster_probability))
    fire(false, neighbor(eta), chamber.n_channels);
  if (!is_pair || !fires_phi) return;
  fire(true, phi, chamber.n_phi_channels);
  if (random.chance(config.cluster_probability)) fire(true, neighbor(phi), chamber.n_phi_channels);
}

const StripConfig& Digitizer::strips(Technology technology) const {
  switch (technology) {
    case Technology::rpc:
      return config_.rpc;
    case Technology::tgc:
      return config_.tgc;
    case Technology::stgc:
      return config_.stgc;
    default:
      return config_.mm;
  }
}

double Digitizer::strip_time(Technology technology, bool in_time, Random& random) const {
  const bool looks_in_time =
      in_time ? !random.chance(config_.late_share) : random.chance(config_.early_share);
  if (technology == Technology::tgc) return crossing_bits(looks_in_time, random);
  const StripConfig& config = strips(technology);
  const double flat = random.uniform(config.out_of_time_low, config.out_of_time_high);
  return looks_in_time ? config.time_resolution * random.normal() : flat;
}

}  // namespace stationhit::simulation
