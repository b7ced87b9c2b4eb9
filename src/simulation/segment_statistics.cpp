// The hits of an event are sorted by (particle, station, bucket); each such run is a candidate, and
// the best of a particle and station becomes its segment. There are few segments per event, so all
// pairs of them are compared.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numbers>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

#include <stationhit/simulation/segment_statistics.hpp>
#include <stationhit/simulation/track_hits.hpp>

namespace stationhit::simulation {
namespace {

struct PlacedHit {
  std::uint32_t particle = 0;
  int station = 0;
  std::size_t bucket = 0;
  std::uint32_t hit = 0;
};

struct Segment {
  std::uint32_t particle = 0;
  int station = 0;
  std::size_t layers = 0;
  double phi = 0, theta = 0;  // rad, of the mean position of its hits
};

std::vector<PlacedHit> place_hits(const SimulatedEvent& event) {
  std::vector<PlacedHit> placed;
  const core::BucketTable& buckets = event.event.buckets;
  for (std::size_t b = 0; b < buckets.size(); ++b)
    for (const std::uint32_t hit : buckets.hits_of(b))
      placed.push_back({event.hit_particle[hit],
                        station_number(core::station_layer(event.event.hits.station_index[hit])), b,
                        hit});
  std::ranges::sort(placed, {}, [](const PlacedHit& p) {
    return std::tuple(p.particle, p.station, p.bucket, p.hit);
  });
  return placed;
}

Segment make_segment(const core::HitTable& hits, std::span<const PlacedHit> candidate) {
  Segment segment{candidate.front().particle, candidate.front().station};
  std::set<std::pair<std::uint8_t, std::uint8_t>> layers;
  double x = 0, y = 0, z = 0;
  for (const PlacedHit& placed : candidate) {
    layers.emplace(hits.station_index[placed.hit], hits.layer[placed.hit]);
    x += hits.glob_x[placed.hit];
    y += hits.glob_y[placed.hit];
    z += hits.glob_z[placed.hit];
  }
  segment.layers = layers.size();
  segment.phi = std::atan2(y, x);
  segment.theta = std::atan2(std::hypot(x, y), z);
  return segment;
}

// Ordered by (particle, station).
std::vector<Segment> find_segments(const SimulatedEvent& event) {
  const std::vector<PlacedHit> placed = place_hits(event);
  std::vector<Segment> segments;
  for (auto begin = placed.begin(); begin != placed.end();) {
    const auto end = std::find_if(begin, placed.end(), [&](const PlacedHit& p) {
      return std::tuple(p.particle, p.station, p.bucket) !=
             std::tuple(begin->particle, begin->station, begin->bucket);
    });
    const Segment segment = make_segment(event.event.hits, std::span(begin, end));
    begin = end;
    if (segment.layers < segment_layers) continue;
    const bool same_station = !segments.empty() && segments.back().particle == segment.particle &&
                              segments.back().station == segment.station;
    if (!same_station)
      segments.push_back(segment);
    else if (segments.back().layers < segment.layers)
      segments.back() = segment;
  }
  return segments;
}

bool confirms(const Segment& a, const Segment& b, double theta) {
  return a.station != b.station &&
         std::abs(std::remainder(a.phi - b.phi, 2 * std::numbers::pi)) < confirming_phi &&
         std::abs(a.theta - b.theta) < theta;
}

void count_segment(const Segment& segment, const std::vector<Segment>& all, SegmentCounts& counts) {
  ++counts.segments;
  for (std::size_t w = 0; w < confirming_theta.size(); ++w) {
    bool any = false, other = false;
    for (const Segment& candidate : all) {
      if (!confirms(segment, candidate, confirming_theta[w])) continue;
      any = true;
      other = other || candidate.particle != segment.particle;
    }
    counts.confirmed[w] += any ? 1 : 0;
    counts.confirmed_by_others[w] += other ? 1 : 0;
  }
}

// The particles of signal hits.
std::set<std::uint32_t> signal_particles(const SimulatedEvent& event,
                                         std::span<const std::int8_t> links) {
  std::set<std::uint32_t> particles;
  for (std::size_t i = 0; i < links.size(); ++i)
    if (links[i] >= 0) particles.insert(event.hit_particle[i]);
  return particles;
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

}  // namespace

void SegmentStatistics::add(const SimulatedEvent& event, std::span<const std::int8_t> links) {
  ++events;
  const std::vector<Segment> segments = find_segments(event);
  const std::set<std::uint32_t> signal = signal_particles(event, links);
  const auto kind_of = [&](std::uint32_t particle) {
    return signal.contains(particle) ? signal_kind
                                     : static_cast<std::size_t>(event.particles[particle].origin);
  };
  for (auto begin = segments.begin(); begin != segments.end();) {
    const auto end = std::find_if(begin, segments.end(),
                                  [&](const Segment& s) { return s.particle != begin->particle; });
    SegmentCounts& counts = kinds[kind_of(begin->particle)];
    ++counts.particles[static_cast<std::size_t>(end - begin) - 1];
    for (; begin != end; ++begin) count_segment(*begin, segments, counts);
  }
}

std::string segment_table(const SegmentStatistics& statistics,
                          const std::array<std::string, n_segment_kinds>& names) {
  std::ostringstream text;
  text << std::setw(32) << "particles" << std::setw(12) << "segments" << std::setw(21)
       << "in 1, 2, 3" << std::setw(16) << "confirmed, %" << std::setw(16) << "by others, %" << '\n'
       << std::setw(32) << "/ event" << std::setw(12) << "/ event" << std::setw(21)
       << "stations, %";
  for (int repeat = 0; repeat < 2; ++repeat)
    for (const double theta : confirming_theta) text << std::setw(8) << theta;
  text << '\n';
  const auto number = [&](double value, int width, int digits) {
    text << std::right << std::fixed << std::setprecision(digits) << std::setw(width) << value;
  };
  for (std::size_t k = 0; k < n_segment_kinds; ++k) {
    const SegmentCounts& counts = statistics.kinds[k];
    if (counts.segments == 0) continue;
    text << std::left << std::setw(22) << names[k];
    number(ratio(counts.all_particles(), statistics.events), 10, 3);
    number(ratio(counts.segments, statistics.events), 12, 3);
    for (const std::uint64_t particles : counts.particles)
      number(100 * ratio(particles, counts.all_particles()), 7, 1);
    for (const auto& confirmed : {counts.confirmed, counts.confirmed_by_others})
      for (const std::uint64_t n : confirmed) number(100 * ratio(n, counts.segments), 8, 1);
    text << '\n';
  }
  return text.str();
}

}  // namespace stationhit::simulation
