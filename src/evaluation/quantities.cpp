// One row per quantity that an evaluation gives. JSON, CSV, report, terminal and comparison are
// loops over this table; an empty title leaves a quantity out of that output.
#include <algorithm>
#include <cassert>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {
namespace {

using metrics::Interval;
using Kept = KeptAtThreshold;

// 1/eps_b with the interval of eps_b turned over.
Interval rejection_interval(const Kept& kept) {
  const Interval background =
      metrics::clopper_pearson(kept.hits.false_positives, kept.hits.background());
  // The inverse is decreasing, so the ends change places; without background kept the upper one is
  // infinite.
  return {1.0 / background.high, 1.0 / background.low};
}

constexpr const char* rejection_html = "1/&epsilon;<sub>b</sub>";

const Quantity table[] = {
    {.key = "auc",
     .digits = 6,
     .titles = {.page = "AUC", .terminal = "AUC", .comparison = "AUC"},
     .of_sample = [](const metrics::RankedScores& ranked) { return ranked.auc(); },
     .sample_interval = metrics::auc_interval},
    {.key = "efficiency",
     .titles = {.page = "Hit efficiency",
                .terminal_validation = "efficiency here",
                .comparison_validation = "efficiency, threshold of the file"},
     .at_threshold = [](const Kept& kept) { return kept.hits.efficiency(); },
     // Replicas of a sample that loses no signal hit lose none either: the bootstrap alone would
     // promise certainty.
     .interval = IntervalSource::wider_of_both,
     .clopper_pearson =
         [](const Kept& kept) {
           return metrics::clopper_pearson(kept.hits.true_positives, kept.hits.signal());
         },
     .by_technology = true},
    {.key = "purity",
     .titles = {.page = "Purity",
                .terminal = "purity",
                .terminal_validation = "purity",
                .comparison = "purity"},
     .at_threshold = [](const Kept& kept) { return kept.hits.purity(); },
     .clopper_pearson =
         [](const Kept& kept) {
           return metrics::clopper_pearson(kept.hits.true_positives, kept.hits.kept());
         },
     .by_technology = true},
    {.key = "rejection",
     .titles = {.page = rejection_html, .terminal = "1/eps_b", .comparison = "1/eps_b"},
     .at_threshold = [](const Kept& kept) { return kept.hits.rejection(); },
     .clopper_pearson = rejection_interval,
     .by_technology = true},
    {.key = "hits_kept_per_event",
     .titles = {.page = "Hits kept per event", .terminal = "hits kept/event"},
     .at_threshold =
         [](const Kept& kept) { return metrics::ratio(kept.hits.kept(), kept.n_events); }},
    {.key = "muons_kept_share",
     .titles = {.page = "Muons with &ge; 3 hits kept",
                .terminal = "muons kept (>= 3 hits)",
                .terminal_validation = "muons kept"},
     .at_threshold = [](const Kept& kept) { return metrics::ratio(kept.muons_kept, kept.n_muons); },
     .interval = IntervalSource::clopper_pearson,
     .clopper_pearson =
         [](const Kept& kept) { return metrics::clopper_pearson(kept.muons_kept, kept.n_muons); }},
};

}  // namespace

std::span<const Quantity> quantities() { return table; }

const Estimate& Estimates::operator[](std::string_view key) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [key](const Entry& candidate) {
    return key == candidate.first->key;
  });
  assert(entry != entries_.end());
  return entry->second;
}

}  // namespace stationhit::evaluation
