// The table of the quantities that an evaluation measures. metrics.json, the CSV files, the report,
// the terminal and the comparison of two models go through this table, so a quantity is added by
// its pure function in metrics and one row here. Definitions: docs/metrics.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/kept.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::evaluation {

// Where the interval of a quantity at a threshold comes from. Events are resampled where entries of
// one event are correlated; a share of muons takes Clopper-Pearson.
enum class IntervalSource {
  bootstrap,
  clopper_pearson,
  // The lower of the lower and the higher of the higher ends.
  wider_of_both
};

// The names of a quantity in each output; nullptr where it is not shown.
struct Titles {
  const char* page = nullptr;                   // report.html
  const char* terminal = nullptr;               // working points of the sample
  const char* terminal_validation = nullptr;    // thresholds of the validation sample
  const char* comparison = nullptr;             // with its change, at the sample's working points
  const char* comparison_validation = nullptr;  // at the thresholds that the model's file carries
};

// A share of muons or segments, and the names of its two counts in JSON and CSV; nullptr where
// another row names the same count.
struct ShareOfKept {
  metrics::KeptShare metrics::KeptAtThreshold::*share = nullptr;
  const char* kept_key = nullptr;
  const char* total_key = nullptr;
};

// A quantity of the whole sample (of_sample is given), of all its hits (before_cut) or of those
// that a threshold keeps (at_threshold).
struct Quantity {
  const char* key;  // of JSON, and head of the CSV columns <key>, <key>_low, <key>_high
  int digits = 4;   // significant ones, in tables, where no interval says how many count
  Titles titles = {};

  double (*of_sample)(const metrics::RankedScores&) = nullptr;
  // Interval around the value; nullptr: none.
  metrics::Interval (*sample_interval)(const metrics::ScoredSample&, const metrics::Replicas&,
                                       double value) = nullptr;

  // From what a threshold below all scores keeps; its interval comes from the bootstrap.
  double (*before_cut)(const metrics::KeptAtThreshold&) = nullptr;

  double (*at_threshold)(const metrics::KeptAtThreshold&) = nullptr;
  IntervalSource interval = IntervalSource::bootstrap;
  metrics::Interval (*clopper_pearson)(const metrics::KeptAtThreshold&) = nullptr;
  ShareOfKept counts = {};  // those of at_threshold where it is a share
  bool by_class = false;    // also for the hits of every technology and station layer
  bool by_process = false;  // also for the events of every process
};

[[nodiscard]] std::span<const Quantity> quantities();

// The counts behind the shares of muons and segments, by their keys, in the order of the table.
[[nodiscard]] std::vector<std::pair<const char*, std::uint64_t>> counts_of_shares(
    const metrics::KeptAtThreshold& kept);

// A measured value with its 68 % interval; interval ends are NaN where there is none (fewer than
// two events).
struct Estimate {
  double value = 0;
  metrics::Interval interval;
};

// Estimates of some quantities, in the order of the table.
class Estimates {
 public:
  using Entry = std::pair<const Quantity*, Estimate>;

  void add(const Quantity& quantity, const Estimate& estimate) {
    entries_.emplace_back(&quantity, estimate);
  }
  // The estimate of the quantity with this key, which must be there (asserted).
  [[nodiscard]] const Estimate& operator[](std::string_view key) const;

  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

}  // namespace stationhit::evaluation
