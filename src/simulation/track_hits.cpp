// The crossings of a path with all frames are handed to the digitization one by one.
// Electromagnetic showers, which become more frequent with the momentum, add electrons around the
// muon in the tubes of the frame that it crosses.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {

int station_number(core::StationLayer layer) {
  switch (layer) {
    case core::StationLayer::bi:
    case core::StationLayer::ei:
      return 1;
    case core::StationLayer::bo:
    case core::StationLayer::eo:
      return 3;
    default:
      return 2;
  }
}

// Both slopes within 0.1 rad of those of a straight line from the interaction point: what looks
// like a muon to a reconstruction.
bool points_to_interaction(const Frame& frame, const Line& line) {
  constexpr double widest = 0.1;
  const Vector3 interaction = frame.to_local({0, 0, 0});
  const double tx = (line.x - interaction.x) / -interaction.z,
               ty = (line.y - interaction.y) / -interaction.z;
  return std::abs(std::atan(line.tx) - std::atan(tx)) < widest &&
         std::abs(std::atan(line.ty) - std::atan(ty)) < widest;
}

void TrackHits::operator()(const Trajectory& path, Track track, double momentum,
                           StationWindow window, Random& random, EventRecord& record) const {
  const double shower_probability =
      track.is_muon ? config_.probability * (1 + config_.growth * momentum) : 0;
  for (std::size_t frame = 0; frame < detector_->frames().size(); ++frame) {
    const int station = station_number(detector_->frames()[frame].layer);
    if (station < window.first || station > window.last) continue;
    for (const Line& line : path.crossings(detector_->frames()[frame])) {
      track.line = line;
      digitizer_->cross(frame, track, random, record);
      if (random.chance(shower_probability)) add_shower(frame, line, random, record);
    }
  }
}

// Adds electrons around the muon in the layers of tubes; the muon itself continues.
void TrackHits::add_shower(std::size_t frame, const Line& in_frame, Random& random,
                           EventRecord& record) const {
  const std::uint32_t particle = record.add({Origin::shower});
  for (const std::size_t index : detector_->chambers_of_frame(frame)) {
    const Chamber& chamber = detector_->chambers()[index];
    const Line line = line_in_chamber(chamber, in_frame);
    if (chamber.technology != core::Technology::mdt || line.y < chamber.y_low ||
        line.y > chamber.y_high)
      continue;
    const auto layers = detector_->layers(chamber);
    for (std::uint32_t n = random.poisson(config_.mean_electrons); n > 0; --n) {
      const double z = layers[random.below(static_cast<std::uint32_t>(layers.size()))];
      const double angle = random.uniform(0, 2 * std::numbers::pi);
      Electron electron{static_cast<std::uint32_t>(index), line.x + line.tx * z,
                        line.y + line.ty * z + config_.radius * random.normal(), z};
      electron.dy = std::cos(angle);
      electron.dz = std::sin(angle);
      electron.length = random.exponential(config_.electron_range);
      electron.particle = particle;
      digitizer_->ionize(electron, random, record);
    }
  }
}

}  // namespace stationhit::simulation
