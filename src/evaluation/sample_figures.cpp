// Figures that describe the sample itself, without scores: they show at a glance whether two
// evaluations used comparable events.
#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/core/technology.hpp>
#include <stationhit/metrics/efficiency.hpp>
#include <stationhit/metrics/muons.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

std::vector<float> find_sizes(const std::vector<std::uint64_t>& offsets) {
  std::vector<float> result;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
    result.push_back(static_cast<float>(offsets[i + 1] - offsets[i]));
  return result;
}

// The number of events already stands on every figure.
std::string format_mean(std::span<const float> values, const std::string& of) {
  double sum = 0;
  for (const float value : values) sum += value;
  const std::string mean =
      "Mean " + rounded(sum / static_cast<double>(std::max<std::size_t>(values.size(), 1)), 4);
  return of == "events" ? mean : mean + ", " + std::to_string(values.size()) + " " + of;
}

// Bins of a whole number of entries, about 50 of them, fewer for few values.
std::vector<double> choose_whole_edges(std::span<const float> values) {
  const double max_bins =
      std::clamp(2.0 * std::sqrt(static_cast<double>(values.size())), 10.0, 50.0);
  const auto [low, high] = values.empty()
                               ? std::pair{0.0F, 1.0F}
                               : std::pair{*std::min_element(values.begin(), values.end()),
                                           *std::max_element(values.begin(), values.end())};
  // Counts are whole numbers, so every bin must hold equally many of them; otherwise the histogram
  // shows a comb that is not in the data.
  const double span = std::max(static_cast<double>(high) - low + 1.0, max_bins);
  const std::vector<double> round =
      plots::round_edges(low, low + span, static_cast<std::size_t>(max_bins) + 2);
  const double width = std::max(1.0, round[1] - round[0]);
  const double first = std::floor(static_cast<double>(low) / width) * width;
  std::vector<double> edges{first - 0.5};
  while (edges.back() < high) edges.push_back(edges.back() + width);
  return edges;
}

// How many `counted` (singular) the things `of` (plural) have, in bins.
plots::Figure make_count_figure(const std::string& stem, const std::string& x_title,
                                const std::string& counted, std::span<const float> values,
                                const std::string& of) {
  const std::vector<double> edges = choose_whole_edges(values);
  const double width = edges[1] - edges[0];
  plots::Figure figure{
      .stem = stem,
      .x = {x_title, std::pair{edges.front(), edges.back()}},
      .y = {plots::title_per_bin("Share of " + of, width, counted + (width > 1.0 ? "s" : ""))}};
  figure.series = {share_histogram(values, edges, "", plots::Draw::filled_histogram)};
  figure.y.range =
      std::pair{0.0, 1.1 * *std::max_element(figure.series[0].y.begin(), figure.series[0].y.end())};
  figure.notes = {format_mean(values, of)};
  return figure;
}

plots::Figure draw_muons_per_event(const metrics::ScoredSample& sample) {
  const std::vector<float> muons = find_sizes(sample.muon_offsets);
  plots::Figure figure =
      make_count_figure("muons_per_event", "Muons per event", "muon", muons, "events");
  figure.y.title = "Share of events";
  // Up to four muons at least, so that the figures of different samples have the same bins.
  const double highest = muons.empty() ? 1.0 : *std::max_element(muons.begin(), muons.end());
  const double shown = std::max(4.0, highest);
  figure.series = {share_histogram(
      muons, metrics::uniform_edges(static_cast<std::size_t>(shown) + 1, -0.5, shown + 0.5), "",
      plots::Draw::filled_histogram)};
  figure.x.range = std::pair{-0.5, shown + 0.5};
  for (int n = 0; n <= static_cast<int>(shown); ++n) figure.categories.push_back(std::to_string(n));
  return figure;
}

plots::Figure draw_technology_shares(const metrics::ScoredSample& sample) {
  std::array<double, 256> all{}, of_muons{};
  for (std::size_t hit = 0; hit < sample.n_hits(); ++hit) {
    ++all[sample.technology[hit]];
    if (sample.truth_link[hit] >= 0) ++of_muons[sample.technology[hit]];
  }
  const auto n_signal =
      std::ranges::count_if(sample.truth_link, [](int link) { return link >= 0; });
  plots::Series hits{.label = "All hits", .draw = plots::Draw::filled_histogram};
  plots::Series signal_hits{.label = "Signal hits", .draw = plots::Draw::filled_histogram};
  plots::Figure figure{.stem = "technology_shares",
                       .x = {"Technology", std::pair{-0.5, core::technologies.size() - 0.5}},
                       .y = {"Share of hits", std::nullopt, true}};
  for (std::size_t i = 0; i < core::technologies.size(); ++i) {
    const auto code = static_cast<std::size_t>(core::technologies[i]);
    const auto position = static_cast<double>(i);
    const auto add = [](plots::Series& series, double low, double high, double entries,
                        double total) {
      series.x_low.push_back(low);
      series.x_high.push_back(high);
      series.y.push_back(entries / total);
      series.n.push_back(entries);
    };
    add(hits, position - 0.36, position - 0.02, all[code], static_cast<double>(sample.n_hits()));
    add(signal_hits, position + 0.02, position + 0.36, of_muons[code],
        static_cast<double>(n_signal));
    figure.categories.emplace_back(core::name(core::technologies[i]));
  }
  figure.series = {hits, signal_hits};
  figure.y.range = std::pair{1e-3, 1.5};
  figure.notes = {count_text(sample.n_hits(), "hit") + ", " + std::to_string(n_signal) +
                  " of signal"};
  return figure;
}

}  // namespace

plots::Series share_histogram(std::span<const float> values, std::span<const double> edges,
                              const std::string& label, plots::Draw draw) {
  plots::Series series{
      .label = label, .draw = draw, .x = {}, .y = std::vector<double>(edges.size() - 1, 0.0)};
  series.x_low.assign(edges.begin(), edges.end() - 1);
  series.x_high.assign(edges.begin() + 1, edges.end());
  for (const float value : values) {
    const auto above =
        std::upper_bound(edges.begin(), edges.end(), static_cast<double>(value)) - edges.begin();
    ++series.y[static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(above, 1, static_cast<std::ptrdiff_t>(edges.size()) - 1) - 1)];
  }
  series.n = series.y;
  for (double& share : series.y)
    share /= static_cast<double>(std::max<std::size_t>(values.size(), 1));
  return series;
}

std::vector<CaptionedFigure> sample_figures(const metrics::ScoredSample& sample) {
  const std::vector<float> hits = find_sizes(sample.event_offsets);
  const std::vector<std::uint32_t> counts = metrics::hits_per_muon(sample);
  const std::vector<float> muon_hits(counts.begin(), counts.end());
  return {{make_count_figure("hits_per_event", "Hits per event", "hit", hits, "events"),
           "Number of hits of an event, as a share of all events."},
          {make_count_figure("hits_per_muon", "Signal hits per muon", "hit", muon_hits, "muons"),
           "Number of signal hits of a muon, as a share of all muons."},
          {draw_muons_per_event(sample), "Number of muons of an event, as a share of all events."},
          {draw_technology_shares(sample),
           "Share of each technology in all hits and in the signal hits."}};
}

}  // namespace stationhit::evaluation
