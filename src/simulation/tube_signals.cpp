// The part of the digitization that concerns drift tubes: a tube fires with the distance of a track
// from its wire, or with the least distance of an electron's segment. Times are converted to radii
// by the space-time relation, because the readout only knows the time.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {
namespace {

using core::Technology;

constexpr double speed_of_light = 299.792458;  // mm / ns
constexpr double pi = std::numbers::pi;
// Space-time relation t = max_drift_time (a u + b u^2) with u = r / radius: the drift slows down
// toward the wall.
constexpr double linear_drift = 0.4, quadratic_drift = 0.6;

// The least distance of the point (y, z) from the path.
double distance_from(const Electron& path, double y, double z) {
  const double along =
      std::clamp((y - path.y) * path.dy + (z - path.z) * path.dz, 0.0, path.length);
  return std::hypot(y - path.y - along * path.dy, z - path.z - along * path.dz);
}

}  // namespace

void Digitizer::cross_tubes(std::uint32_t index, std::uint8_t layer, const Track& track,
                            Random& random, EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[index];
  const double z = detector_->layers(chamber)[layer];
  const double x = track.line.x + track.line.tx * z, y = track.line.y + track.line.ty * z;
  // A slanted track is closer to a wire than its distance in the plane of the layer, by this
  // factor.
  const double stretch = std::sqrt(1 + track.line.ty * track.line.ty);
  const double reach = config_.mdt.radius * stretch;
  const int last = detector_->channel_at(chamber, layer, y + reach);
  for (int channel = detector_->channel_at(chamber, layer, y - reach); channel <= last; ++channel) {
    const double distance = std::abs(y - detector_->channel_y(chamber, layer, channel)) / stretch;
    if (distance < config_.mdt.radius)
      fire_tube({index, layer, channel, distance, x, track.late, track.particle}, random, record);
  }
  if (track.is_muon && random.chance(config_.mdt.delta_probability))
    knock_out(index, layer, track, random, record);
}

// The electron starts where the muon crosses the layer and scatters immediately, so its direction
// is random.
void Digitizer::knock_out(std::uint32_t index, std::uint8_t layer, const Track& track,
                          Random& random, EventRecord& record) const {
  const double z = detector_->layers(detector_->chambers()[index])[layer] +
                   random.uniform(-config_.mdt.radius, config_.mdt.radius);
  const double angle = random.uniform(0, 2 * pi);
  Electron electron{index,
                    track.line.x + track.line.tx * z,
                    track.line.y + track.line.ty * z,
                    z,
                    std::cos(angle),
                    std::sin(angle)};
  electron.length = random.exponential(config_.mdt.delta_range);
  electron.particle = record.add({Origin::delta_ray});
  ionize_tubes(electron, random, record);
}

void Digitizer::ionize_tubes(const Electron& electron, Random& random, EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[electron.chamber];
  const auto layers = detector_->layers(chamber);
  const double radius = config_.mdt.radius;
  const double y_end = electron.y + electron.length * electron.dy,
               z_end = electron.z + electron.length * electron.dz;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto layer = static_cast<std::uint8_t>(i);
    if (std::min(electron.z, z_end) - radius > layers[layer] ||
        std::max(electron.z, z_end) + radius < layers[layer])
      continue;
    const int last = detector_->channel_at(chamber, layer, std::max(electron.y, y_end) + radius);
    for (int channel = detector_->channel_at(chamber, layer, std::min(electron.y, y_end) - radius);
         channel <= last; ++channel) {
      const double distance =
          distance_from(electron, detector_->channel_y(chamber, layer, channel), layers[layer]);
      if (distance < radius)
        fire_tube({electron.chamber, layer, channel, distance, electron.x, electron.late,
                   electron.particle},
                  random, record);
    }
  }
}

double Digitizer::drift_time(double radius) const {
  const double u = radius / config_.mdt.radius;
  return config_.mdt.max_drift_time * u * (linear_drift + quadratic_drift * u);
}

double Digitizer::drift_radius(double time) const {
  const double t = time / config_.mdt.max_drift_time;
  // The positive solution of the quadratic space-time relation for u.
  const double root = std::sqrt(linear_drift * linear_drift + 4 * quadratic_drift * t);
  return config_.mdt.radius * (root - linear_drift) / (2 * quadratic_drift);
}

// The readout subtracts the time of flight to the middle of the tube. It knows neither the position
// along the wire nor the arrival time of the particle, so both shift the radius. Times outside the
// drift window give no hit.
void Digitizer::fire_tube(const TubeSignal& signal, Random& random, EventRecord& record) const {
  const MdtConfig& mdt = config_.mdt;
  const Chamber& chamber = detector_->chambers()[signal.chamber];
  if (signal.channel < 1 || signal.channel > chamber.n_channels) return;
  const double path =
      2 * std::sqrt(std::max(0.0, mdt.radius * mdt.radius - signal.distance * signal.distance));
  // Near the wall a particle crosses little gas and often leaves no signal.
  if (!random.chance(mdt.efficiency * (1 - std::exp(-path / mdt.least_path)))) return;
  // The resolution acts on the distance. A negative result is the same tube seen from the other
  // side of the wire.
  const double smeared = std::clamp(
      std::abs(signal.distance + mdt.resolution * mdt.resolution_factor * random.normal()), 0.0,
      mdt.radius);
  const double y = detector_->channel_y(chamber, signal.layer, signal.channel);
  const double middle = (chamber.x_low(y) + chamber.x_high(y)) / 2;
  const double time = drift_time(smeared) + signal.late + (signal.x - middle) / mdt.signal_speed;
  // The readout allows for the longest way of the signal along the wire.
  const double tolerance = (chamber.x_high(y) - middle) / mdt.signal_speed;
  if (time < -tolerance || time > mdt.max_drift_time + tolerance) return;
  const Vector3 wire = detector_->frames()[chamber.frame].to_global(
      {middle, y, detector_->layers(chamber)[signal.layer]});
  const double flight =
      std::sqrt(wire.x * wire.x + wire.y * wire.y + wire.z * wire.z) / speed_of_light;
  const double counts = std::round(mdt.tdc_offset + (time + flight) / mdt.tdc_bin);
  const double radius = drift_radius(std::clamp(time, 0.0, mdt.max_drift_time));
  record.cells.push_back(
      {signal.chamber, signal.layer, false, static_cast<std::uint16_t>(signal.channel), -1,
       static_cast<float>(radius), static_cast<float>(std::max(0.0, counts)), signal.particle});
}

// A later signal in a tube looks like a larger drift radius, up to that of the wall. TGC signals
// have no time, only crossings.
void Digitizer::delay(Cell& cell, double ns) const {
  const Technology technology = detector_->chambers()[cell.chamber].technology;
  if (technology == Technology::tgc) return;
  if (technology != Technology::mdt) {
    cell.time += static_cast<float>(ns);
    return;
  }
  cell.time = std::max(0.0F, cell.time + static_cast<float>(std::round(ns / config_.mdt.tdc_bin)));
  cell.drift_r = static_cast<float>(
      drift_radius(std::clamp(drift_time(cell.drift_r) + ns, 0.0, config_.mdt.max_drift_time)));
}

}  // namespace stationhit::simulation
