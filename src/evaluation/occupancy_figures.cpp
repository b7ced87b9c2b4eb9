// Efficiencies and purity in bins of the number of hits of an event: what pile-up and noise do to a
// filter. Ntuples do not say the pile-up of an event, but its hits follow it.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <stationhit/core/text.hpp>
#include <stationhit/metrics/efficiency.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

constexpr std::size_t most_bins = 8, least_events = 5;
// More series in one frame cannot be told apart.
constexpr std::size_t most_series = 4;

struct OccupancyBin {
  double low = 0, high = 0;
  std::vector<metrics::Counts> events;
};

// Events by their number of hits, in groups of about equal size; events of equally many hits stay
// together.
std::vector<std::vector<std::size_t>> group_events(const metrics::ScoredSample& sample) {
  const auto hits = [&](std::size_t event) {
    return sample.event_offsets[event + 1] - sample.event_offsets[event];
  };
  std::vector<std::size_t> order(sample.n_events());
  for (std::size_t event = 0; event < order.size(); ++event) order[event] = event;
  std::ranges::sort(order, {}, hits);
  const std::size_t per_group = std::max(least_events, (order.size() + most_bins - 1) / most_bins);
  std::vector<std::vector<std::size_t>> groups;
  for (const std::size_t event : order) {
    const bool full = groups.empty() || groups.back().size() >= per_group;
    if (full && (groups.empty() || hits(event) > hits(groups.back().back()))) groups.emplace_back();
    groups.back().push_back(event);
  }
  // What is left over joins the last full group.
  if (groups.size() > 1 && 2 * groups.back().size() < per_group) {
    std::vector<std::size_t> rest = std::move(groups.back());
    groups.pop_back();
    groups.back().insert(groups.back().end(), rest.begin(), rest.end());
  }
  return groups;
}

metrics::Counts count_hits(const metrics::ScoredSample& sample, std::size_t event,
                           float threshold) {
  metrics::Counts counts;
  for (std::size_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
       ++hit) {
    const bool kept = sample.score[hit] > threshold, signal = sample.truth_link[hit] >= 0;
    ++(signal ? (kept ? counts.true_positives : counts.false_negatives)
              : (kept ? counts.false_positives : counts.true_negatives));
  }
  return counts;
}

std::vector<OccupancyBin> fill_bins(const metrics::ScoredSample& sample,
                                    const std::vector<std::vector<std::size_t>>& groups,
                                    float threshold) {
  std::vector<OccupancyBin> bins;
  for (const std::vector<std::size_t>& events : groups) {
    OccupancyBin& bin = bins.emplace_back();
    const auto hits = [&](std::size_t event) {
      return static_cast<double>(sample.event_offsets[event + 1] - sample.event_offsets[event]);
    };
    bin.low = hits(events.front()) - 0.5;
    bin.high = hits(events.back()) + 0.5;
    for (const std::size_t event : events)
      bin.events.push_back(count_hits(sample, event, threshold));
  }
  return bins;
}

// A share of the counts of a bin.
struct Share {
  const char* stem;
  const char* title;
  const char* caption;
  std::uint64_t metrics::Counts::*part;
  std::uint64_t (metrics::Counts::*total)() const;
  bool log = false;  // the axis
};

constexpr Share shares[] = {
    {"hit_efficiency_occupancy", "Hit efficiency", "Share of the signal hits kept",
     &metrics::Counts::true_positives, &metrics::Counts::signal},
    {"purity_occupancy", "Purity", "Share of signal hits among the hits kept",
     &metrics::Counts::true_positives, &metrics::Counts::kept},
    {"background_efficiency_occupancy", "Background efficiency #varepsilon_{b}",
     "Share of the background hits kept", &metrics::Counts::false_positives,
     &metrics::Counts::background, true}};

struct ShareOfBin {
  std::uint64_t total = 0;
  double value = 0;
  metrics::Interval interval;
};

// Hits of an event are correlated, so the spread of the events can be wider than the interval of
// independent hits: the variance of a ratio of sums is that of its residuals.
ShareOfBin estimate(const Share& share, const OccupancyBin& bin) {
  std::uint64_t passed = 0, total = 0;
  for (const metrics::Counts& counts : bin.events) {
    passed += counts.*share.part;
    total += (counts.*share.total)();
  }
  const double value = metrics::ratio(passed, total);
  double squares = 0;
  for (const metrics::Counts& counts : bin.events) {
    const double residual = static_cast<double>(counts.*share.part) -
                            value * static_cast<double>((counts.*share.total)());
    squares += residual * residual;
  }
  const double error = std::sqrt(squares) / static_cast<double>(total);
  const metrics::Interval exact = metrics::clopper_pearson(passed, total);
  return {total,
          value,
          {std::max(0.0, std::min(exact.low, value - error)),
           std::min(1.0, std::max(exact.high, value + error))}};
}

// What a working point keeps.
struct ShownPoint {
  double working_point = 0;
  std::vector<OccupancyBin> bins;
};

std::vector<ShownPoint> list_points(const metrics::ScoredSample& sample,
                                    const EvaluationResult& result) {
  const auto groups = group_events(sample);
  std::vector<ShownPoint> points;
  const bool all = result.working_points.size() <= most_series;
  for (const WorkingPointResult& point : result.working_points) {
    if (all || point.working_point == result.reference_point)
      points.push_back({point.working_point, fill_bins(sample, groups, point.threshold)});
  }
  return points;
}

// `shift` moves the marks by a share of the bin, so that several series can be told apart; only one
// of them has the bars of the bins.
plots::Series make_series(const Share& share, const ShownPoint& point, double shift, bool bars) {
  plots::Series series{.label = "Working point " + core::to_text(point.working_point),
                       .draw = plots::Draw::points,
                       .x_bars = bars};
  for (const OccupancyBin& bin : point.bins) {
    const ShareOfBin of_bin = estimate(share, bin);
    if (of_bin.total == 0) continue;
    series.x.push_back(bin.low + (0.5 + shift) * (bin.high - bin.low));
    series.x_low.push_back(bin.low);
    series.x_high.push_back(bin.high);
    series.y.push_back(of_bin.value);
    series.y_low.push_back(of_bin.interval.low);
    series.y_high.push_back(of_bin.interval.high);
    series.n.push_back(static_cast<double>(of_bin.total));
  }
  return series;
}

CaptionedFigure make_figure(const Share& share, const std::vector<ShownPoint>& points) {
  constexpr double step = 0.15;  // between the marks of a bin, as a share of it
  const std::vector<OccupancyBin>& bins = points.front().bins;
  plots::Figure figure{.stem = share.stem,
                       .x = {"Hits per event", std::pair{bins.front().low, bins.back().high}},
                       .y = {share.title, std::nullopt, share.log}};
  const std::size_t middle = (points.size() - 1) / 2;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double shift = step * (static_cast<double>(i) - static_cast<double>(middle));
    figure.series.push_back(make_series(share, points[i], shift, i == middle));
  }
  return {figure, std::string(share.caption) +
                      " against the number of hits of the event, which stands for its pile-up, in "
                      "bins of about equally many events, at the same threshold for all, with 68 % "
                      "intervals: the wider of Clopper-Pearson and the spread of the events."};
}

}  // namespace

std::vector<CaptionedFigure> occupancy_figures(const metrics::ScoredSample& sample,
                                               const EvaluationResult& result) {
  const std::vector<ShownPoint> points = list_points(sample, result);
  std::vector<CaptionedFigure> figures;
  for (const Share& share : shares) figures.push_back(make_figure(share, points));
  return figures;
}

}  // namespace stationhit::evaluation
