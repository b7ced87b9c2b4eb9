#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/core/event.hpp>
#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {
namespace {

using core::Technology;

bool inside(const Chamber& chamber, double x, double y) {
  return y >= chamber.y_low && y <= chamber.y_high && x >= chamber.x_low(y) && x <= chamber.x_high(y);
}

bool is_small_wheel(Technology technology) { return technology == Technology::stgc || technology == Technology::mm; }

// Bunch crossings of a TGC signal: bit 0 previous, bit 1 current, bit 2 next.
double crossing_bits(bool prompt, Random& random) {
  constexpr std::array<double, 6> bits{2, 6, 3, 4, 1, 7};
  constexpr std::array<double, 6> prompt_sum{0.80, 0.91, 0.95, 0.97, 0.99, 1.0}, other_sum{0.45, 0.60, 0.70, 0.84, 0.97, 1.0};
  const auto& sums = prompt ? prompt_sum : other_sum;
  const double u = random.uniform();
  std::size_t i = 0;
  while (i + 1 < sums.size() && u > sums[i]) ++i;
  return bits[i];
}

}  // namespace

void Digitizer::cross(std::size_t frame, const Track& track, Random& random, std::vector<Cell>& cells) const {
  for (const std::size_t index : detector_->chambers_of_frame(frame)) {
    const Chamber& chamber = detector_->chambers()[index];
    if (is_small_wheel(chamber.technology) && !track.in_small_wheel) continue;
    const auto layers = detector_->layers(chamber);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const double z = layers[layer];
      if (z < track.z_low || z > track.z_high) continue;
      const double x = track.line.x + track.line.tx * z, y = track.line.y + track.line.ty * z;
      if (!inside(chamber, x, y)) continue;
      if (chamber.technology == Technology::mdt)
        cross_tubes(index, layer, track, random, cells);
      else
        fire_strips(index, layer, x, y, track.truth_link, track.prompt, random, cells);
    }
  }
}

void Digitizer::deposit(std::size_t index, std::size_t layer, double x, double y, Random& random, std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[index];
  if (chamber.technology != Technology::mdt) return fire_strips(index, layer, x, y, static_cast<std::int8_t>(core::no_muon), false, random, cells);
  fire_tube(index, layer, detector_->channel_at(chamber, layer, y), random.uniform(0, config_.mdt.radius), static_cast<std::int8_t>(core::no_muon),
            random, cells);
}

void Digitizer::cross_tubes(std::size_t index, std::size_t layer, const Track& track, Random& random, std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[index];
  const double z = detector_->layers(chamber)[layer];
  const double y = track.line.y + track.line.ty * z;
  const double stretch = std::sqrt(1 + track.line.ty * track.line.ty);
  const double reach = config_.mdt.radius * stretch;
  const int last = detector_->channel_at(chamber, layer, y + reach);
  for (int channel = detector_->channel_at(chamber, layer, y - reach); channel <= last; ++channel) {
    const double distance = std::abs(y - detector_->channel_y(chamber, layer, channel)) / stretch;
    if (distance < config_.mdt.radius && random.chance(config_.mdt.efficiency))
      fire_tube(index, layer, channel, distance, track.truth_link, random, cells);
  }
}

void Digitizer::fire_tube(std::size_t index, std::size_t layer, int channel, double radius, std::int8_t link, Random& random,
                          std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[index];
  if (channel < 1 || channel > chamber.n_channels) return;
  const MdtConfig& mdt = config_.mdt;
  const double measured = std::clamp(std::abs(radius + mdt.resolution * random.normal()), 0.0, mdt.radius);
  // Space-time relation of a gas whose drift slows down towards the wall.
  const double u = measured / mdt.radius;
  const double drift_time = mdt.max_drift_time * u * (0.4 + 0.6 * u);
  const double counts = mdt.tdc_offset + drift_time / mdt.tdc_bin + mdt.tdc_jitter * random.normal();
  cells.push_back({static_cast<std::uint32_t>(index), static_cast<std::uint8_t>(layer), false, static_cast<std::uint16_t>(channel), -1,
                   static_cast<float>(measured), static_cast<float>(std::max(0.0, std::round(counts))), link});
}

void Digitizer::fire_strips(std::size_t index, std::size_t layer, double x, double y, std::int8_t link, bool prompt, Random& random,
                            std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[index];
  const StripConfig& config = strips(chamber.technology);
  const auto signal_time = static_cast<float>(time(chamber.technology, prompt, random));
  const int eta = std::clamp(detector_->channel_at(chamber, layer, y), 1, static_cast<int>(chamber.n_channels));
  const bool fires_eta = random.chance(config.efficiency_eta), fires_phi = chamber.n_phi_channels > 0 && random.chance(config.efficiency_phi);
  const int phi = fires_phi ? chamber.phi_strip_at(x, y) : -1;
  const bool is_pair = chamber.technology == Technology::rpc || chamber.technology == Technology::tgc;
  const auto fire = [&](bool second_coordinate, int channel, int n_channels) {
    if (channel < 1 || channel > n_channels) return;
    cells.push_back({static_cast<std::uint32_t>(index), static_cast<std::uint8_t>(layer), second_coordinate, static_cast<std::uint16_t>(channel),
                     static_cast<std::int16_t>(is_pair ? -1 : phi), 0.0F, signal_time, link});
  };
  const auto neighbour = [&](int channel) { return channel + (random.chance(0.5) ? 1 : -1); };
  if (fires_eta) fire(false, eta, chamber.n_channels);
  if (fires_eta && random.chance(config.cluster_probability)) fire(false, neighbour(eta), chamber.n_channels);
  if (!is_pair || !fires_phi) return;
  fire(true, phi, chamber.n_phi_channels);
  if (random.chance(config.cluster_probability)) fire(true, neighbour(phi), chamber.n_phi_channels);
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

double Digitizer::time(Technology technology, bool prompt, Random& random) const {
  const bool in_time = prompt ? !random.chance(config_.late_prompt) : random.chance(config_.early_other);
  if (technology == Technology::tgc) return crossing_bits(in_time, random);
  const StripConfig& config = strips(technology);
  const double flat = random.uniform(config.out_of_time_low, config.out_of_time_high);
  return in_time ? config.time_resolution * random.normal() : flat;
}

}  // namespace stationhit::simulation
