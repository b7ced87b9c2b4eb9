#include <algorithm>
#include <cmath>
#include <utility>

#include <stationhit/simulation/background.hpp>

namespace stationhit::simulation {
namespace {

using core::StationLayer;
using core::Technology;

constexpr double barrel_length = 10000;

double precision_coordinate(const Chamber& chamber, const Frame& frame, double y) {
  return chamber.barrel ? std::abs(y + frame.y_origin) : y + chamber.radius_origin;
}

// Relative rate of a channel, up to a factor; the coordinate is |z| or the radius in mm.
double density(bool barrel, double slope, double coordinate) {
  return barrel ? std::exp(slope * coordinate / barrel_length) : std::pow(coordinate / 1000, -slope);
}

}  // namespace

BackgroundConfig default_background() {
  BackgroundConfig config;
  config.charges = {
      {Technology::mdt, StationLayer::bi, 568, 0.6}, {Technology::mdt, StationLayer::bm, 327, 0.9}, {Technology::mdt, StationLayer::bo, 361, 0.9},
      {Technology::mdt, StationLayer::ei, 66, 1.5},  {Technology::mdt, StationLayer::ee, 77, 1.0},  {Technology::mdt, StationLayer::em, 611, 1.5},
      {Technology::mdt, StationLayer::eo, 470, 1.5}, {Technology::rpc, StationLayer::bm, 72, 0.9},  {Technology::rpc, StationLayer::bo, 49, 0.9},
      {Technology::tgc, StationLayer::em, 44, 1.5},  {Technology::tgc, StationLayer::ei, 6, 1.0},   {Technology::stgc, StationLayer::ei, 737, 1.8},
      {Technology::mm, StationLayer::ei, 860, 1.8}};
  config.stubs = {{StationLayer::bi, 30, 0.6}, {StationLayer::bm, 18, 0.9}, {StationLayer::bo, 14, 0.9}, {StationLayer::ee, 6, 1.0},
                  {StationLayer::ei, 30, 1.8}, {StationLayer::em, 22, 1.5}, {StationLayer::eo, 22, 1.5}};
  return config;
}

Background::Background(const Detector& detector, const Digitizer& digitizer, BackgroundConfig config)
    : detector_(&detector), digitizer_(&digitizer), config_(std::move(config)) {
  for (const ChargeRate& rate : config_.charges) charges_.push_back(make_source(rate.technology, rate.layer, rate.charges, rate.slope));
  for (const StubRate& rate : config_.stubs) {
    // Tubes exist in every layer; in the inner end-cap the small wheel has most of the area.
    const Technology technology = rate.layer == StationLayer::ei ? Technology::stgc : Technology::mdt;
    stubs_.push_back(make_source(technology, rate.layer, rate.stubs, rate.slope));
  }
}

Background::Source Background::make_source(Technology technology, StationLayer layer, double rate, double slope) const {
  Source source;
  source.rate = rate;
  source.slope = slope;
  double sum = 0;
  for (std::size_t i = 0; i < detector_->chambers().size(); ++i) {
    const Chamber& chamber = detector_->chambers()[i];
    const Frame& frame = detector_->frames()[chamber.frame];
    if (chamber.technology != technology || frame.layer != layer) continue;
    const double middle = precision_coordinate(chamber, frame, (chamber.y_low + chamber.y_high) / 2);
    sum += static_cast<double>(detector_->layers(chamber).size()) * chamber.n_channels * density(chamber.barrel, slope, middle);
    source.chambers.push_back(i);
    source.cumulative.push_back(sum);
  }
  return source;
}

void Background::operator()(double mu, Random& random, std::vector<Cell>& cells) const {
  const double interactions = random.poisson(mu) / config_.reference_mu;
  const double activity = interactions * std::max(config_.min_activity, 1 + config_.activity_sigma * random.normal());
  for (const Source& source : charges_)
    for (std::uint32_t n = random.poisson(source.rate * activity); n > 0; --n) add_charge(choose_place(source, random), random, cells);
  for (const Source& source : stubs_)
    for (std::uint32_t n = random.poisson(source.rate * activity); n > 0; --n) add_stub(choose_place(source, random), random, cells);
}

Background::Place Background::choose_place(const Source& source, Random& random) const {
  const double u = random.uniform(0, source.cumulative.back());
  const auto found = std::upper_bound(source.cumulative.begin(), source.cumulative.end(), u);
  const auto index = std::min(static_cast<std::size_t>(found - source.cumulative.begin()), source.chambers.size() - 1);
  Place place;
  place.chamber = source.chambers[index];
  const Chamber& chamber = detector_->chambers()[place.chamber];
  place.layer = random.below(static_cast<std::uint32_t>(detector_->layers(chamber).size()));
  place.y = random.uniform(chamber.y_low, chamber.y_high);
  if (!chamber.barrel && std::abs(source.slope - 1) > 1e-6) {
    // Radius with density ~ radius^-slope by inversion.
    const double power = 1 - source.slope;
    const double low = std::pow(chamber.y_low + chamber.radius_origin, power), high = std::pow(chamber.y_high + chamber.radius_origin, power);
    place.y = std::pow(random.uniform(std::min(low, high), std::max(low, high)), 1 / power) - chamber.radius_origin;
  }
  place.x = random.uniform(chamber.x_low(place.y), chamber.x_high(place.y));
  return place;
}

void Background::add_charge(const Place& start, Random& random, std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[start.chamber];
  const auto n_layers = static_cast<std::uint32_t>(detector_->layers(chamber).size());
  Place place = start;
  digitizer_->deposit(place.chamber, place.layer, place.x, place.y, random, cells);
  while (random.chance(config_.neighbour_probability)) {
    const bool up = random.chance(0.5);
    if (random.chance(config_.same_layer_probability)) {
      place.y += up ? chamber.pitch : -chamber.pitch;
    } else if (up ? place.layer + 1 < n_layers : place.layer > 0) {
      place.layer = up ? place.layer + 1 : place.layer - 1;
    }
    digitizer_->deposit(place.chamber, place.layer, place.x, place.y, random, cells);
  }
}

void Background::add_stub(const Place& place, Random& random, std::vector<Cell>& cells) const {
  const Chamber& chamber = detector_->chambers()[place.chamber];
  const Frame& frame = detector_->frames()[chamber.frame];
  Track track;
  track.prompt = random.chance(config_.prompt_probability);
  const double z = detector_->layers(chamber)[place.layer];
  if (random.chance(config_.pointing_probability)) {
    const Vector3 interaction = frame.to_local({0, 0, 0});
    track.line.tx = (place.x - interaction.x) / (z - interaction.z) + config_.pointing_sigma * random.normal();
    track.line.ty = (place.y - interaction.y) / (z - interaction.z) + config_.pointing_sigma * random.normal();
  } else {
    track.line.tx = random.uniform(-config_.max_slope_x, config_.max_slope_x);
    track.line.ty = random.uniform(-config_.max_slope_y, config_.max_slope_y);
  }
  track.line.x = place.x - track.line.tx * z;
  track.line.y = place.y - track.line.ty * z;
  if (random.chance(config_.short_stub_probability)) {
    const auto layers = detector_->layers(chamber);
    const double middle = (layers.front() + layers.back()) / 2;
    (z > middle ? track.z_low : track.z_high) = middle;
  }
  digitizer_->cross(chamber.frame, track, random, cells);
}

}  // namespace stationhit::simulation
