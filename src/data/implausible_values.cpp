// One rule per row. The limits are far from anything that detectors and simulations write: what
// exceeds them is damaged or means something else.
#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <vector>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/implausible_values.hpp>

namespace stationhit::data {
namespace {

using core::Event;

constexpr float farthest = 50e3F;       // mm
constexpr float largest_drift = 50.0F;  // mm; tubes have 15 mm
constexpr float largest_pt = 10e3F;     // GeV
constexpr std::uint8_t most_phi = 48, most_stations = 59;
constexpr std::int8_t most_eta = 8;

// Without a branch, so that the loops over rows become vector code.
bool any_of(std::same_as<bool> auto... flags) { return (unsigned{flags} | ...) != 0; }

template <class Is>
std::uint64_t count_rows(std::size_t n, Is&& is_implausible) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < n; ++i) count += is_implausible(i) ? 1U : 0U;
  return count;
}

std::uint64_t count_far_hits(const Event& event) {
  const core::HitTable& h = event.hits;
  const auto far = [](float value) { return std::abs(value) > farthest; };
  return count_rows(h.size(), [&](std::size_t i) {
    return any_of(far(h.local_x[i]), far(h.local_y[i]), far(h.local_z[i]), far(h.glob_x[i]),
                  far(h.glob_y[i]), far(h.glob_z[i]));
  });
}

std::uint64_t count_unknown_technologies(const Event& event) {
  const auto largest = static_cast<std::uint8_t>(core::Technology::mm);
  return count_rows(event.hits.size(),
                    [&](std::size_t i) { return event.hits.technology[i] > largest; });
}

std::uint64_t count_drift_radii(const Event& event) {
  const std::vector<float>& r = event.hits.drift_r;
  return count_rows(r.size(), [&](std::size_t i) { return any_of(r[i]<0, r[i]> largest_drift); });
}

std::uint64_t count_negative_variances(const Event& event) {
  const core::HitTable& h = event.hits;
  return count_rows(h.size(),
                    [&](std::size_t i) { return any_of(h.cov_xx[i] < 0, h.cov_yy[i] < 0); });
}

std::uint64_t count_unknown_chambers(const Event& event) {
  const core::HitTable& h = event.hits;
  return count_rows(h.size(), [&](std::size_t i) {
    return any_of(h.station_phi[i] == 0, h.station_phi[i] > most_phi,
                  h.station_eta[i]<-most_eta, h.station_eta[i]> most_eta,
                  h.station_index[i] > most_stations);
  });
}

std::uint64_t count_muons(const Event& event) {
  const std::vector<float>& pt = event.muons.pt;
  return count_rows(pt.size(), [&](std::size_t i) { return pt[i] < 0 || pt[i] > largest_pt; });
}

std::uint64_t count_reversed_buckets(const Event& event) {
  const core::BucketTable& b = event.buckets;
  return count_rows(b.size(), [&](std::size_t i) { return b.x_min[i] > b.x_max[i]; });
}

std::uint64_t count_empty_buckets(const Event& event) {
  return event.hits.size() > 0 && event.buckets.size() > 0 && event.buckets.hits.empty() ? 1 : 0;
}

struct Rule {
  const char* what;
  std::uint64_t (*count)(const Event&);
};

constexpr std::array<Rule, 8> rules{{
    {"hits beyond 50 m", count_far_hits},
    {"hits of an unknown technology", count_unknown_technologies},
    {"hits with a drift radius outside of 0 to 50 mm", count_drift_radii},
    {"hits with a negative variance", count_negative_variances},
    {"hits of chambers that do not exist", count_unknown_chambers},
    {"muons with pT outside of 0 to 10 TeV", count_muons},
    {"buckets with xMin > xMax", count_reversed_buckets},
    {"events with hits whose buckets are all empty", count_empty_buckets},
}};

}  // namespace

void add_implausible(const Event& event, ImplausibleCounts& counts) {
  for (const Rule& rule : rules)
    if (const std::uint64_t n = rule.count(event); n > 0) counts[rule.what] += n;
}

void add_implausible(const ImplausibleCounts& part, ImplausibleCounts& counts) {
  for (const auto& [what, n] : part) counts[what] += n;
}

void warn_of_implausible(const ImplausibleCounts& counts, const std::string& input,
                         const core::Logger& log) {
  if (counts.empty()) return;
  std::vector<std::string> found;
  for (const auto& [what, n] : counts) found.push_back(std::to_string(n) + " " + what);
  log.warning(input + ": implausible values: " + core::join(found) +
              "; check what was read, which may be damaged or use other conventions");
}

}  // namespace stationhit::data
