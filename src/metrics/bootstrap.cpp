#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

namespace stationhit::metrics {
namespace {

constexpr std::size_t auc_edges = 512;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

float just_below(float score) {
  return std::nextafter(score, -std::numeric_limits<float>::infinity());
}

struct SignalHit {
  float score;
  std::uint32_t event;
};

// Weights of the events: weight[event * replicas + replica] = how often the replica drew the event.
std::vector<std::uint16_t> draw_events(std::size_t n_events, const BootstrapOptions& options) {
  std::vector<std::uint16_t> weights(n_events * options.replicas, 0);
  std::mt19937_64 random(options.seed);
  for (std::uint32_t replica = 0; replica < options.replicas; ++replica) {
    for (std::size_t draw = 0; draw < n_events; ++draw) {
      // High word of a 32 x 32 bit product: the same event everywhere, unlike
      // std::uniform_int_distribution.
      const std::size_t event = ((random() >> 32U) * n_events) >> 32U;
      ++weights[event * options.replicas + replica];
    }
  }
  return weights;
}

std::vector<SignalHit> signal_hits_descending(const ScoredSample& sample) {
  std::vector<SignalHit> hits;
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    for (std::uint64_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
         ++hit) {
      if (sample.truth_link[hit] >= 0)
        hits.push_back({sample.score[hit], static_cast<std::uint32_t>(event)});
    }
  }
  std::sort(hits.begin(), hits.end(),
            [](const SignalHit& a, const SignalHit& b) { return a.score > b.score; });
  return hits;
}

// Score of the last true hit that the working point needs; infinity for a replica without true
// hits.
float working_point_threshold(std::span<const SignalHit> signal,
                              std::span<const std::uint16_t> weights, std::uint32_t replicas,
                              std::uint32_t replica, double working_point) {
  std::uint64_t total = 0;
  for (const SignalHit& hit : signal) total += weights[hit.event * std::size_t{replicas} + replica];
  if (total == 0) return std::numeric_limits<float>::infinity();
  const std::uint64_t needed = hits_needed(working_point, total);
  std::uint64_t kept = 0;
  for (const SignalHit& hit : signal) {
    kept += weights[hit.event * std::size_t{replicas} + replica];
    if (kept >= needed) return just_below(hit.score);
  }
  return -std::numeric_limits<float>::infinity();
}

// Signal and background entries of one event in the cells between ascending edges; cell i holds the
// scores above exactly i edges.
struct CellCounts {
  explicit CellCounts(std::size_t n_edges) : signal(n_edges + 1), background(n_edges + 1) {}

  void fill(const ScoredSample& sample, std::size_t event, std::span<const float> edges) {
    std::fill(signal.begin(), signal.end(), 0U);
    std::fill(background.begin(), background.end(), 0U);
    for (std::uint64_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
         ++hit) {
      const auto cell = static_cast<std::size_t>(
          std::lower_bound(edges.begin(), edges.end(), sample.score[hit]) - edges.begin());
      ++(sample.truth_link[hit] >= 0 ? signal : background)[cell];
    }
  }

  // Afterwards entry i counts the scores above edge i - 1, entry 0 all of them.
  void accumulate_from_above() {
    for (std::size_t cell = signal.size() - 1; cell > 0; --cell) {
      signal[cell - 1] += signal[cell];
      background[cell - 1] += background[cell];
    }
  }

  std::vector<std::uint32_t> signal, background;
};

// Central interval of the values that are not NaN, linear between order statistics.
Interval central_interval(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return {nan, nan};
  std::sort(values.begin(), values.end());
  const auto quantile = [&values](double share) {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const double fraction = position - static_cast<double>(below);
    if (fraction == 0.0 || !std::isfinite(values[below + 1])) return values[below];
    return values[below] + fraction * (values[below + 1] - values[below]);
  };
  const double tail = (1.0 - confidence_level) / 2.0;
  return {quantile(tail), quantile(1.0 - tail)};
}

class Bootstrap {
 public:
  Bootstrap(const ScoredSample& sample, std::span<const ThresholdRule> rules,
            const BootstrapOptions& options)
      : sample_(sample),
        rules_(rules),
        replicas_(options.replicas),
        weights_(draw_events(sample.n_events(), options)) {}

  // [rules, replicas]
  const std::vector<Counts>& replica_counts(std::span<const SignalHit> signal) {
    choose_thresholds(signal);
    count_replicas();
    return counts_;
  }

  std::vector<RuleIntervals> rule_intervals(std::span<const SignalHit> signal) {
    (void)replica_counts(signal);
    std::vector<RuleIntervals> result;
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
      const auto interval = [&](const std::function<double(const Counts&)>& quantity) {
        std::vector<double> values;
        for (std::uint32_t replica = 0; replica < replicas_; ++replica)
          values.push_back(quantity(counts_[slot(rule, replica)]));
        return central_interval(std::move(values));
      };
      const auto n_events = static_cast<double>(sample_.n_events());
      result.push_back({interval(&Counts::efficiency), interval(&Counts::purity),
                        interval(&Counts::rejection), interval([n_events](const Counts& counts) {
                          return static_cast<double>(counts.kept()) / n_events;
                        })});
    }
    return result;
  }

  Interval auc_interval(std::span<const SignalHit> signal, double exact) const {
    const std::vector<float> edges = rank_edges(signal);
    const std::size_t n_cells = edges.size() + 1;
    CellCounts event_cells(edges.size());
    // Row `replica` of [replicas + 1, cells]; the last row is the sample itself.
    std::vector<double> signal_cells((replicas_ + 1) * n_cells),
        background_cells((replicas_ + 1) * n_cells);
    for (std::size_t event = 0; event < sample_.n_events(); ++event) {
      event_cells.fill(sample_, event, edges);
      for (std::size_t cell = 0; cell < n_cells; ++cell) {
        if (event_cells.signal[cell] != 0)
          add(signal_cells, cell, n_cells, event, event_cells.signal[cell]);
        if (event_cells.background[cell] != 0)
          add(background_cells, cell, n_cells, event, event_cells.background[cell]);
      }
    }
    std::vector<double> values;
    for (std::uint32_t row = 0; row <= replicas_; ++row) {
      values.push_back(binned_auc(std::span(signal_cells).subspan(row * n_cells, n_cells),
                                  std::span(background_cells).subspan(row * n_cells, n_cells)));
    }
    const double shift = exact - values.back();
    values.pop_back();
    const Interval interval = central_interval(std::move(values));
    return {std::clamp(interval.low + shift, 0.0, 1.0),
            std::clamp(interval.high + shift, 0.0, 1.0)};
  }

 private:
  [[nodiscard]] std::size_t slot(std::size_t rule, std::uint32_t replica) const {
    return rule * replicas_ + replica;
  }
  [[nodiscard]] std::uint64_t weight(std::size_t event, std::uint32_t replica) const {
    return weights_[event * replicas_ + replica];
  }

  void choose_thresholds(std::span<const SignalHit> signal) {
    std::vector<float> thresholds;
    for (const ThresholdRule& rule : rules_) {
      for (std::uint32_t replica = 0; replica < replicas_; ++replica) {
        thresholds.push_back(rule.threshold.value_or(0.0F));
        if (!rule.threshold)
          thresholds.back() =
              working_point_threshold(signal, weights_, replicas_, replica, rule.working_point);
      }
    }
    edges_ = thresholds;
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    for (const float threshold : thresholds) {
      edge_of_slot_.push_back(static_cast<std::size_t>(
          std::lower_bound(edges_.begin(), edges_.end(), threshold) - edges_.begin()));
    }
  }

  void count_replicas() {
    counts_.assign(edge_of_slot_.size(), {});
    CellCounts cells(edges_.size());
    for (std::size_t event = 0; event < sample_.n_events(); ++event) {
      cells.fill(sample_, event, edges_);
      cells.accumulate_from_above();
      for (std::size_t i = 0; i < counts_.size(); ++i) {
        const std::uint64_t times = weight(event, static_cast<std::uint32_t>(i % replicas_));
        const std::size_t above = edge_of_slot_[i] + 1;
        counts_[i].true_positives += times * cells.signal[above];
        counts_[i].false_positives += times * cells.background[above];
        counts_[i].false_negatives += times * (cells.signal[0] - cells.signal[above]);
        counts_[i].true_negatives += times * (cells.background[0] - cells.background[above]);
      }
    }
  }

  // Just below the true hits of rank 1, 2, 3, ..., n from the bottom, ranks in geometric steps:
  // most of the background lies below the lowest true hits, where every true hit counts.
  static std::vector<float> rank_edges(std::span<const SignalHit> descending) {
    const std::size_t n = descending.size();
    std::vector<float> edges;
    for (std::size_t i = 0; i <= auc_edges; ++i) {
      const double rank = std::pow(static_cast<double>(n), static_cast<double>(i) / auc_edges);
      edges.push_back(just_below(
          descending[n - std::min(n, static_cast<std::size_t>(std::llround(rank)))].score));
    }
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    return edges;
  }

  void add(std::vector<double>& cells, std::size_t cell, std::size_t n_cells, std::size_t event,
           std::uint32_t entries) const {
    for (std::uint32_t replica = 0; replica < replicas_; ++replica) {
      cells[replica * n_cells + cell] += static_cast<double>(weight(event, replica)) * entries;
    }
    cells[replicas_ * n_cells + cell] += entries;
  }

  static double binned_auc(std::span<const double> signal, std::span<const double> background) {
    double pairs = 0, n_signal = 0, n_background = 0;
    for (std::size_t cell = 0; cell < signal.size(); ++cell) {
      pairs += signal[cell] * (n_background + 0.5 * background[cell]);
      n_signal += signal[cell];
      n_background += background[cell];
    }
    return pairs / (n_signal * n_background);
  }

  const ScoredSample& sample_;
  std::span<const ThresholdRule> rules_;
  std::uint32_t replicas_;
  std::vector<std::uint16_t> weights_;
  std::vector<float> edges_;  // thresholds of all rules and replicas, ascending, each once
  std::vector<std::size_t> edge_of_slot_;  // [rules, replicas]
  std::vector<Counts> counts_;             // [rules, replicas]
};

bool has_both_classes(const ScoredSample& sample, std::span<const SignalHit> signal) {
  return sample.n_events() >= 2 && !signal.empty() && signal.size() < sample.n_hits();
}

using Quantity = double (Counts::*)() const;

double change(const Counts& before, const Counts& after, Quantity quantity) {
  return (after.*quantity)() / (before.*quantity)() - 1;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of after / before - 1 over the replicas of one rule, about the change of the sample itself.
Interval change_interval(std::span<const Counts> before, std::span<const Counts> after,
                         double of_sample, Quantity quantity) {
  std::vector<double> values;
  for (std::size_t replica = 0; replica < before.size(); ++replica) {
    const double value = change(before[replica], after[replica], quantity);
    if (!std::isnan(value)) values.push_back(value);
  }
  if (values.empty()) return {nan, nan};
  const double shift = of_sample - median(values);
  const Interval interval = central_interval(std::move(values));
  return {interval.low + shift, interval.high + shift};
}

}  // namespace

BootstrapIntervals bootstrap_intervals(const ScoredSample& sample,
                                       std::span<const ThresholdRule> rules, double auc,
                                       const BootstrapOptions& options) {
  const Interval unknown{nan, nan};
  const std::vector<SignalHit> signal = signal_hits_descending(sample);
  if (!has_both_classes(sample, signal)) {
    return {unknown,
            std::vector<RuleIntervals>(rules.size(), {unknown, unknown, unknown, unknown})};
  }
  Bootstrap bootstrap(sample, rules, options);
  return {bootstrap.auc_interval(signal, auc), bootstrap.rule_intervals(signal)};
}

std::vector<ChangeIntervals> change_intervals(const ScoredSample& before, const ScoredSample& after,
                                              std::span<const ThresholdRule> rules,
                                              std::span<const Counts> counts_before,
                                              std::span<const Counts> counts_after,
                                              const BootstrapOptions& options) {
  assert(before.event_offsets == after.event_offsets && before.truth_link == after.truth_link);
  assert(counts_before.size() == rules.size() && counts_after.size() == rules.size());
  const Interval unknown{nan, nan};
  const std::vector<SignalHit> signal_before = signal_hits_descending(before),
                               signal_after = signal_hits_descending(after);
  std::vector<ChangeIntervals> result(rules.size(), {unknown, unknown});
  if (!has_both_classes(before, signal_before)) return result;
  Bootstrap of_before(before, rules, options), of_after(after, rules, options);
  const std::span<const Counts> a = of_before.replica_counts(signal_before),
                                b = of_after.replica_counts(signal_after);
  const std::size_t n = options.replicas;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    const auto interval = [&](Quantity quantity) {
      return change_interval(a.subspan(rule * n, n), b.subspan(rule * n, n),
                             change(counts_before[rule], counts_after[rule], quantity), quantity);
    };
    result[rule] = {interval(&Counts::purity), interval(&Counts::rejection)};
  }
  return result;
}

}  // namespace stationhit::metrics
