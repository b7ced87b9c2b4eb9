// Each rate (a technology in a station layer) becomes a source with a cumulative table of its
// chambers, weighted by their number of channels and by the density in their middle. An event then
// draws a Poisson number per source, a chamber by binary search, and a place inside it. Nothing is
// transported: conversions start an electron at that place, cavern tracks (cavern_tracks.cpp) are
// straight lines through it.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include <stationhit/simulation/background.hpp>

namespace stationhit::simulation {
namespace {

using core::StationLayer;
using core::Technology;

constexpr double pi = std::numbers::pi;
constexpr double barrel_length = 10000;

double precision_coordinate(const Chamber& chamber, const Frame& frame, double y) {
  return chamber.barrel ? std::abs(y + frame.y_origin) : y + chamber.radius_origin;
}

// Relative rate of a channel, up to a common factor; the coordinate is |z| or the radius in mm.
// Rates fall with the distance from the beam in the end-caps like a power, and in the barrel rise
// toward its ends.
double relative_density(bool barrel, double slope, double coordinate) {
  return barrel ? std::exp(slope * coordinate / barrel_length)
                : std::pow(coordinate / 1000, -slope);
}

}  // namespace

BackgroundConfig default_background() {
  BackgroundConfig config;
  config.conversions = {
      {Technology::mdt, StationLayer::bi, 792, 0.6}, {Technology::mdt, StationLayer::bm, 550, 0.9},
      {Technology::mdt, StationLayer::bo, 607, 0.9}, {Technology::mdt, StationLayer::ei, 194, 1.5},
      {Technology::mdt, StationLayer::ee, 130, 1.0}, {Technology::mdt, StationLayer::em, 969, 1.5},
      {Technology::mdt, StationLayer::eo, 758, 1.5}, {Technology::rpc, StationLayer::bm, 114, 0.9},
      {Technology::rpc, StationLayer::bo, 73, 0.9},  {Technology::tgc, StationLayer::em, 96, 1.5},
      {Technology::tgc, StationLayer::ei, 8, 1.0},   {Technology::stgc, StationLayer::ei, 680, 1.8},
      {Technology::mm, StationLayer::ei, 1016, 1.8}};
  config.tracks = {{StationLayer::bi, 6, 0.6}, {StationLayer::bm, 4, 0.9},
                   {StationLayer::bo, 3, 0.9}, {StationLayer::ee, 1.5, 1.0},
                   {StationLayer::ei, 9, 1.8}, {StationLayer::em, 5, 1.5},
                   {StationLayer::eo, 5, 1.5}};
  return config;
}

Background::Background(const Detector& detector, const Digitizer& digitizer,
                       BackgroundConfig config)
    : detector_(&detector), digitizer_(&digitizer), config_(std::move(config)) {
  for (const ConversionRate& rate : config_.conversions) {
    const bool pairs = rate.technology == Technology::rpc || rate.technology == Technology::tgc;
    const double factor = pairs ? config_.correlated.pair_conversions : 1;
    conversions_.push_back(
        make_source(rate.technology, rate.layer, rate.conversions * factor, rate.slope));
  }
  for (const CavernTrackRate& rate : config_.tracks) {
    // There are tubes in every layer; in the inner end-cap the New Small Wheel has most of the
    // area.
    const Technology technology =
        rate.layer == StationLayer::ei ? Technology::stgc : Technology::mdt;
    tracks_.push_back(
        make_source(technology, rate.layer, rate.tracks / crossings_per_track(), rate.slope));
  }
}

Background::Source Background::make_source(Technology technology, StationLayer layer, double rate,
                                           double slope) const {
  Source source;
  source.rate = rate;
  source.slope = slope;
  double sum = 0;
  for (std::size_t i = 0; i < detector_->chambers().size(); ++i) {
    const Chamber& chamber = detector_->chambers()[i];
    const Frame& frame = detector_->frames()[chamber.frame];
    if (chamber.technology != technology || frame.layer != layer) continue;
    const double middle =
        precision_coordinate(chamber, frame, (chamber.y_low + chamber.y_high) / 2);
    sum += static_cast<double>(detector_->layers(chamber).size()) * chamber.n_channels *
           relative_density(chamber.barrel, slope, middle);
    source.chambers.push_back(i);
    source.cumulative.push_back(sum);
  }
  return source;
}

void Background::operator()(double activity, Random& random, EventRecord& record) const {
  for (const Source& source : conversions_)
    for (std::uint32_t n = random.poisson(source.rate * activity); n > 0; --n)
      add_conversion(choose_point(source, random), random, record);
  for (const Source& source : tracks_)
    for (std::uint32_t n = random.poisson(source.rate * activity); n > 0; --n)
      add_tracks(choose_point(source, random), random, record);
}

Background::SourcePoint Background::choose_point(const Source& source, Random& random) const {
  const double u = random.uniform(0, source.cumulative.back());
  const auto found = std::upper_bound(source.cumulative.begin(), source.cumulative.end(), u);
  // Rounding may give a u equal to the last value of the table.
  const auto index = std::min(static_cast<std::size_t>(found - source.cumulative.begin()),
                              source.chambers.size() - 1);
  SourcePoint point;
  point.chamber = source.chambers[index];
  const Chamber& chamber = detector_->chambers()[point.chamber];
  point.layer = random.below(static_cast<std::uint32_t>(detector_->layers(chamber).size()));
  point.y = random.uniform(chamber.y_low, chamber.y_high);
  // A slope of exactly 1 would need the logarithm instead; it is drawn uniformly, which differs
  // little over one chamber.
  if (!chamber.barrel && std::abs(source.slope - 1) > 1e-6) {
    // Draws the radius with density ~ radius^-slope by inversion.
    const double power = 1 - source.slope;
    const double low = std::pow(chamber.y_low + chamber.radius_origin, power),
                 high = std::pow(chamber.y_high + chamber.radius_origin, power);
    point.y = std::pow(random.uniform(std::min(low, high), std::max(low, high)), 1 / power) -
              chamber.radius_origin;
  }
  point.x = random.uniform(chamber.x_low(point.y), chamber.x_high(point.y));
  return point;
}

// The electron starts at the wall of a tube (in the gas of a strip layer) and goes inward in a
// random direction, so its path is a random chord and not that of a track.
void Background::add_conversion(const SourcePoint& point, Random& random,
                                EventRecord& record) const {
  const Chamber& chamber = detector_->chambers()[point.chamber];
  Electron electron;
  electron.chamber = static_cast<std::uint32_t>(point.chamber);
  electron.x = point.x;
  electron.y = point.y;
  electron.z = detector_->layers(chamber)[point.layer];
  electron.length = random.exponential(config_.electron_range);
  electron.particle = record.add({Origin::conversion});
  electron.in_time = false;
  if (random.chance(config_.asynchronous_share)) electron.late = late(random);
  double direction = random.uniform(0, 2 * pi);
  if (chamber.technology == Technology::mdt) {
    const double wall = random.uniform(0, 2 * pi), tube_radius = digitizer_->tube_radius();
    electron.y = detector_->channel_y(chamber, point.layer,
                                      detector_->channel_at(chamber, point.layer, point.y)) +
                 tube_radius * std::cos(wall);
    electron.z += tube_radius * std::sin(wall);
    direction = wall + random.uniform(pi / 2, 3 * pi / 2);
  }
  electron.dy = std::cos(direction);
  electron.dz = std::sin(direction);
  digitizer_->ionize(electron, random, record);
}

double Background::late(Random& random) const {
  return random.uniform(-config_.time_window, config_.time_window);
}

}  // namespace stationhit::simulation
