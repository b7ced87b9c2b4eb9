// Statistics of a sample as they are published for the real one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::simulation {

// Running mean and standard deviation.
class Moments {
 public:
  void add(double value) {
    ++n_;
    sum_ += value;
    sum_of_squares_ += value * value;
  }
  [[nodiscard]] std::uint64_t count() const { return n_; }
  [[nodiscard]] double mean() const { return n_ > 0 ? sum_ / static_cast<double>(n_) : 0; }
  [[nodiscard]] double sigma() const;  // population standard deviation

 private:
  std::uint64_t n_ = 0;
  double sum_ = 0, sum_of_squares_ = 0;
};

// Means of the published sample at mu = 200, after the cuts. -1 = not published.
struct PublishedStatistics {
  double hits, hits_sigma, true_hits, muons, hits_per_muon, hits_per_muon_sigma;
  std::array<double, 5> technology_hits, technology_true_hits;  // in the order of core::technologies
  std::array<double, 4> muon_shares;                            // events with 1, 2, 3, 4 muons
};
[[nodiscard]] const PublishedStatistics& published_statistics();

// After the cuts that the published numbers were made with: pT >= 5 GeV, |eta| <= 2.7, at least 3 hits; events without such a muon do not count. The
// hits themselves always do. Muons before the cuts are counted in all events.
struct SampleStatistics {
  std::uint64_t events = 0, kept_events = 0;
  std::uint64_t muons_before = 0, muons_failing_pt = 0;
  Moments hits, true_hits, muons, hits_per_muon;
  std::array<Moments, 5> technology_hits, technology_true_hits;
  std::array<std::uint64_t, 5> events_with_muons{};  // kept events with 0 (none), 1, 2, 3, 4 or more muons

  void add(const core::Event& event);
  // A table with the published values beside, for the terminal.
  [[nodiscard]] std::string table() const;
};

}  // namespace stationhit::simulation
