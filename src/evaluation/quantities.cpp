// One row per quantity that an evaluation gives. JSON, CSV, report, terminal and comparison are
// loops over this table; an empty title leaves a quantity out of that output.
#include <algorithm>
#include <cassert>
#include <limits>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {
namespace {

using metrics::Interval;
using Kept = metrics::KeptAtThreshold;

// 1/eps_b with the interval of eps_b turned over.
Interval rejection_interval(const Kept& kept) {
  const Interval background =
      metrics::clopper_pearson(kept.hits.false_positives, kept.hits.background());
  // The inverse is decreasing, so the ends change places; without background kept the upper one is
  // infinite.
  return {1.0 / background.high, 1.0 / background.low};
}

// A quantity that is a share of muons or segments.
template <metrics::KeptShare Kept::*share>
double value_of(const Kept& kept) {
  return (kept.*share).value();
}

template <metrics::KeptShare Kept::*share>
Interval interval_of(const Kept& kept) {
  return (kept.*share).interval();
}

double pairs_per_event(const Kept& kept) {
  return metrics::ratio(kept.pairs.kept, kept.pairs.n_events);
}

double pairs_p95(const Kept& kept) {
  return kept.pairs.n_events == 0 ? std::numeric_limits<double>::quiet_NaN()
                                  : static_cast<double>(kept.pairs.kept_p95);
}

constexpr const char* rejection_html = "1/&epsilon;<sub>b</sub>";

const Quantity table[] = {
    {.key = "auc",
     .digits = 6,
     .titles = {.page = "AUC", .terminal = "AUC", .comparison = "AUC"},
     .of_sample = [](const metrics::RankedScores& ranked) { return ranked.auc(); },
     .sample_interval = metrics::auc_interval},
    {.key = "hit_pairs_per_event",
     .titles = {.page = "Hit pairs per event", .terminal = "hit pairs per event"},
     .before_cut = pairs_per_event},
    {.key = "hit_pairs_per_event_p95",
     .titles = {.page = "Hit pairs per event, 95 % of the events within"},
     .before_cut = pairs_p95},
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
     .by_class = true,
     .by_process = true},
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
     .by_class = true,
     .by_process = true},
    {.key = "rejection",
     .titles = {.page = rejection_html, .terminal = "1/eps_b", .comparison = "1/eps_b"},
     .at_threshold = [](const Kept& kept) { return kept.hits.rejection(); },
     .clopper_pearson = rejection_interval,
     .by_class = true,
     .by_process = true},
    {.key = "hits_kept_per_event",
     .titles = {.page = "Hits kept per event", .terminal = "hits kept/event"},
     .at_threshold =
         [](const Kept& kept) { return metrics::ratio(kept.hits.kept(), kept.n_events); },
     .by_class = true,
     .by_process = true},
    {.key = "muons_kept_share",
     .titles = {.page = "Muons with &ge; 3 hits kept",
                .terminal = "muons kept (>= 3 hits)",
                .terminal_validation = "muons kept"},
     .at_threshold = value_of<&Kept::muons>,
     .interval = IntervalSource::clopper_pearson,
     .clopper_pearson = interval_of<&Kept::muons>,
     .counts = {&Kept::muons, "muons_kept", "muons"},
     .by_process = true},
    {.key = "two_layer_muons_kept_share",
     .titles = {.page = "Muons with &ge; 3 hits kept in &ge; 2 station layers",
                .terminal = "in >= 2 layers"},
     .at_threshold = value_of<&Kept::two_layer_muons>,
     .interval = IntervalSource::clopper_pearson,
     .clopper_pearson = interval_of<&Kept::two_layer_muons>,
     .counts = {&Kept::two_layer_muons, "two_layer_muons_kept", "two_layer_muons"},
     .by_process = true},
    {.key = "whole_segments_share",
     .titles = {.page = "Segments with all hits kept",
                .terminal = "whole segments",
                .terminal_validation = "whole segments",
                .comparison = "whole segments"},
     .at_threshold = value_of<&Kept::whole_segments>,
     // Segments of one muon are correlated, and a sample that loses none has replicas that lose
     // none.
     .interval = IntervalSource::wider_of_both,
     .clopper_pearson = interval_of<&Kept::whole_segments>,
     .counts = {&Kept::whole_segments, "whole_segments", "segments"}},
    {.key = "usable_segments_share",
     .titles = {.page = "Segments with &ge; 3 hits and &ge; 80 % of the hits kept"},
     .at_threshold = value_of<&Kept::usable_segments>,
     .interval = IntervalSource::wider_of_both,
     .clopper_pearson = interval_of<&Kept::usable_segments>,
     .counts = {&Kept::usable_segments, "usable_segments", nullptr}},
    {.key = "hit_pairs_kept_per_event",
     .titles = {.page = "Hit pairs kept per event",
                .terminal = "pairs kept/event",
                .comparison = "hit pairs kept per event"},
     .at_threshold = pairs_per_event},
    {.key = "hit_pairs_kept_per_event_p95",
     .titles = {.page = "Hit pairs kept per event, 95 % of the events within"},
     .at_threshold = pairs_p95},
    {.key = "hit_pairs_reduction",
     .titles = {.page = "Hit pairs / hit pairs kept"},
     .at_threshold =
         [](const Kept& kept) { return metrics::ratio(kept.pairs.before, kept.pairs.kept); }},
};

}  // namespace

std::span<const Quantity> quantities() { return table; }

std::vector<std::pair<const char*, std::uint64_t>> counts_of_shares(const Kept& kept) {
  std::vector<std::pair<const char*, std::uint64_t>> counts;
  for (const Quantity& quantity : table) {
    const ShareOfKept& share = quantity.counts;
    if (share.kept_key != nullptr) counts.emplace_back(share.kept_key, (kept.*share.share).kept);
    if (share.total_key != nullptr) counts.emplace_back(share.total_key, (kept.*share.share).total);
  }
  return counts;
}

const Estimate& Estimates::operator[](std::string_view key) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [key](const Entry& candidate) {
    return key == candidate.first->key;
  });
  assert(entry != entries_.end());
  return entry->second;
}

}  // namespace stationhit::evaluation
