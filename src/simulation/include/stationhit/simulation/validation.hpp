// Compares the toy sample with the published statistics of the real one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <stationhit/simulation/sample_statistics.hpp>

namespace stationhit::simulation {

// Published numbers are of mu = 200 and the mixture of processes, after the cuts. -1 = none.
struct PublishedStatistics {
  double hits, hits_min, hits_max, true_hits, muons, hits_per_muon, hits_per_muon_sigma;
  std::array<double, 5> technology_hits,
      technology_true_hits;           // in the order of core::technologies
  std::array<double, 4> muon_shares;  // events with 1, 2, 3, 4 or more muons
  std::array<double, 5> percentiles;  // of the hits per muon, at `percentile_levels`
};
inline constexpr std::array<double, 5> percentile_levels{0.05, 0.25, 0.50, 0.75, 0.95};
[[nodiscard]] const PublishedStatistics& published_statistics();

struct Check {
  std::string quantity;
  double value = 0, error = 0;      // error: statistical, one standard deviation
  std::optional<double> published;  // nothing where only a range is known
  double low = 0, high = 0;         // accepted range
  int digits = 1;                   // after the point, for the table
  bool passed = false;
  bool skipped = false;  // the sample is too small for it
};

// Makes one check per published quantity. A value passes if it is in its range, widened on both
// sides by `sigmas` statistical errors: 0 for samples that are large enough, 3 for small ones. A
// check is skipped that has fewer than 10 values, or a percentile beyond which fewer than 5 are
// expected: it has no error that means anything.
[[nodiscard]] std::vector<Check> validate(const SampleStatistics& statistics, double sigmas);

// True if no check failed and not all were skipped.
[[nodiscard]] bool all_passed(const std::vector<Check>& checks);
[[nodiscard]] std::size_t count_skipped(const std::vector<Check>& checks);
// A table for the terminal: quantity, value, error, published, range, pass or FAIL. verdict = false
// leaves the last two columns out.
[[nodiscard]] std::string check_table(const std::vector<Check>& checks, bool verdict);
// The checks as comma-separated values with full precision.
[[nodiscard]] std::string check_csv(const std::vector<Check>& checks);

}  // namespace stationhit::simulation
