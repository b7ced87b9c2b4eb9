// The part of the background that consists of tracks. A track is a line through the place that its
// source has drawn; the tracks of a shower repeat the first one nearby, and a track that goes on is
// a ray from its station to the frames of the next.
#include <stationhit/simulation/background.hpp>
#include <stationhit/simulation/ray.hpp>
#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {

struct Background::CavernTrack {
  std::size_t chamber = 0, layer = 0;
  Track track;
  bool through = false;
};

// Draws a line through the place, in a layer at height z.
Line Background::choose_line(const SourcePoint& point, double z, double pointing_probability,
                             Random& random) const {
  Line line;
  if (random.chance(pointing_probability)) {
    const Vector3 interaction =
        detector_->frames()[detector_->chambers()[point.chamber].frame].to_local({0, 0, 0});
    line.tx =
        (point.x - interaction.x) / (z - interaction.z) + config_.pointing_sigma * random.normal();
    line.ty =
        (point.y - interaction.y) / (z - interaction.z) + config_.pointing_sigma * random.normal();
  } else {
    line.tx = random.uniform(-config_.max_slope_x, config_.max_slope_x);
    line.ty = random.uniform(-config_.max_slope_y, config_.max_slope_y);
  }
  line.x = point.x - line.tx * z;
  line.y = point.y - line.ty * z;
  return line;
}

Background::CavernTrack Background::choose_track(const SourcePoint& point, Random& random) const {
  CavernTrack chosen{
      point.chamber, point.layer, {}, random.occurs(config_.correlated.through_probability)};
  chosen.track.in_time = random.chance(config_.in_time_probability);
  if (!chosen.track.in_time) chosen.track.late = late(random);
  const double z = detector_->layers(detector_->chambers()[point.chamber])[point.layer];
  chosen.track.line = choose_line(
      point, z, chosen.through ? config_.correlated.through_pointing : config_.pointing_probability,
      random);
  return chosen;
}

// Stations crossed per track that a source draws, in units of those of a track of its own.
double Background::crossings_per_track() const {
  // A track that goes on misses the next station where it leaves the sector or the detector.
  constexpr double finds_next_station = 0.7;
  const CorrelatedTrackConfig& config = config_.correlated;
  const double alone = 1 - config_.half_station_probability / 2;
  const double through = config.through_probability * ((1 + finds_next_station) / alone - 1);
  return (1 + config.shower_probability * config.shower_tracks) * (1 + through);
}

void Background::add_tracks(const SourcePoint& point, Random& random, EventRecord& record) const {
  const CorrelatedTrackConfig& config = config_.correlated;
  const CavernTrack first = choose_track(point, random);
  add_track(first, random, record);
  if (!random.occurs(config.shower_probability)) return;
  for (std::uint32_t n = 1 + random.poisson(config.shower_tracks - 1); n > 0; --n) {
    CavernTrack next = first;
    Line& line = next.track.line;
    line.x += config.shower_size * random.normal();
    line.y += config.shower_size * random.normal();
    line.tx += config.shower_spread * random.normal();
    line.ty += config.shower_spread * random.normal();
    add_track(next, random, record);
  }
}

void Background::add_track(CavernTrack chosen, Random& random, EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[chosen.chamber];
  const auto layers = detector_->layers(chamber);
  Track& track = chosen.track;
  // A share of the cavern tracks begins or ends inside the station, in the material between its
  // multilayers.
  const bool half = !chosen.through && random.chance(config_.half_station_probability);
  if (half) {
    const double middle = (layers.front() + layers.back()) / 2;
    (layers[chosen.layer] > middle ? track.z_low : track.z_high) = middle;
  }
  track.particle =
      record.add({Origin::cavern_track,
                  !half && points_to_interaction(detector_->frames()[chamber.frame], track.line)});
  digitizer_->cross(chamber.frame, track, random, record);
  if (chosen.through) go_on(chosen, random, record);
}

// The field and the material between the stations turn the track a little.
void Background::go_on(const CavernTrack& chosen, Random& random, EventRecord& record) const {
  const Frame& frame = detector_->frames()[detector_->chambers()[chosen.chamber].frame];
  const int station = station_number(frame.layer);
  const int outward = station == 1 || (station == 2 && random.chance(0.5)) ? 1 : -1;
  Track track = chosen.track;
  track.line.ty += config_.correlated.through_turn * random.normal();
  const Ray ray = ray_along(frame, track.line, outward);
  for (const FrameCrossing& next :
       cross_station(*detector_, ray, station + outward, config_.correlated.through_reach)) {
    track.line = next.line;
    digitizer_->cross(next.frame, track, random, record);
  }
}

}  // namespace stationhit::simulation
