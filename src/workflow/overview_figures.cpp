#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/workflow/overview_figures.hpp>

namespace stationhit::workflow {
namespace {

using plots::Draw;
using plots::Figure;
using plots::Series;

constexpr std::size_t most_bins = 50;
// In the order of core::technologies: the same in all panels.
constexpr std::array technology_colors{"#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7"};

double ratio(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

double highest(const std::vector<Series>& series) {
  double highest = 0;
  for (const Series& one : series)
    for (const double y : one.y) highest = std::max(highest, y);
  return highest;
}

void set_linear_range(Figure& figure) {
  figure.y.range = std::pair{0.0, 1.15 * std::max(highest(figure.series), 1e-12)};
}

// Logarithmic where one of many bins would leave no height for the others.
void set_range(Figure& figure) {
  constexpr std::size_t many_bins = 10;
  constexpr double dominant_share = 0.3;
  figure.y.log =
      figure.series.front().y.size() > many_bins && highest(figure.series) > dominant_share;
  if (!figure.y.log) set_linear_range(figure);
}

// Bins that hold one whole number each need no width, and one of many digits says little.
std::string share_title(const std::string& of, double width, const std::string& unit = "") {
  if (width == 1 && unit.empty()) return "Share of " + of;
  return width < 1000 ? plots::title_per_bin("Share of " + of, width, unit)
                      : "Share of " + of + " / bin";
}

// Large numbers are drawn in units of a power of 1000, because ROOT's power beside the axis would
// leave the canvas.
struct Scale {
  double factor = 1;
  std::string name = {};  // "10^{3} "
};

Scale choose_scale(const std::vector<double>& edges) {
  const double largest = std::max(std::abs(edges.front()), std::abs(edges.back()));
  if (largest < 1e5) return {};
  const int power = 3 * static_cast<int>(std::log10(largest) / 3);
  return {std::pow(10.0, power), "10^{" + std::to_string(power) + "} "};
}

Series make_bins(const std::vector<double>& edges, const std::string& label, Draw draw,
                 double scale = 1) {
  Series series{.label = label, .draw = draw};
  for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
    series.x_low.push_back(edges[bin] / scale);
    series.x_high.push_back(edges[bin + 1] / scale);
  }
  return series;
}

Series make_shares(const HitHistogram& histogram, bool is_signal, double scale = 1) {
  Series series = make_bins(histogram.edges(), is_signal ? "Signal hits" : "Background hits",
                            is_signal ? Draw::histogram : Draw::filled_histogram, scale);
  for (const std::uint64_t n : histogram.entries(is_signal)) {
    series.n.push_back(static_cast<double>(n));
    series.y.push_back(ratio(n, histogram.total(is_signal)));
  }
  return series;
}

// Background and signal, each normalized to all of its hits. `unit` may be empty.
Figure hit_figure(const std::string& stem, const std::string& title, const std::string& unit,
                  const HitHistogram& histogram) {
  const auto& edges = histogram.edges();
  const auto [scale, power] = choose_scale(edges);
  const std::string units = power + unit;
  Figure figure{.stem = stem,
                .x = {units.empty() ? title : title + " [" + units + "]",
                      std::pair{edges.front() / scale, edges.back() / scale}},
                .y = {share_title("hits", edges[1] - edges[0], unit)}};
  for (const bool is_signal : {false, true})
    if (histogram.total(is_signal) > 0)
      figure.series.push_back(make_shares(histogram, is_signal, scale));
  if (figure.series.empty()) figure.series.push_back(make_shares(histogram, false));
  set_range(figure);
  return figure;
}

Figure feature_figure(const std::string& feature, const HitHistogram& histogram) {
  std::string unit;
  for (const features::FeatureInfo& info : features::known_features())
    if (info.name == feature && info.unit != "-" && info.unit != "by technology") unit = info.unit;
  if (unit == "mm^2") unit = "mm^{2}";
  return hit_figure("feature_" + feature, feature, unit, histogram);
}

// Shares of the values of a count.
Series make_count_series(const simulation::Distribution& counts, const std::vector<double>& edges,
                         const std::string& label, Draw draw) {
  HitHistogram histogram(edges);
  for (const auto& [value, times] : counts.values())
    for (std::uint64_t i = 0; i < times; ++i) histogram.add(value, false);
  Series series = make_shares(histogram, false);
  series.label = label;
  series.draw = draw;
  return series;
}

std::vector<double> count_edges(const simulation::Distribution& counts) {
  const double low = counts.min(), high = counts.max();
  if (high - low < static_cast<double>(most_bins)) {
    std::vector<double> edges;
    for (double edge = low - 0.5; edge < high + 1; edge += 1) edges.push_back(edge);
    return edges;
  }
  return plots::round_edges(low, high + 1, most_bins);
}

std::string rounded(double value) { return core::to_text(std::round(10 * value) / 10); }

// `of`: the things that have these counts.
Figure count_figure(const std::string& stem, const std::string& title, const std::string& of,
                    const simulation::Distribution& counts) {
  const std::vector<double> edges = count_edges(counts);
  Figure figure{.stem = stem,
                .x = {title, std::pair{edges.front(), edges.back()}},
                .y = {share_title(of, edges[1] - edges[0], edges[1] - edges[0] > 1 ? "hits" : "")}};
  figure.x.whole_numbers = counts.max() - counts.min() < 10;
  figure.series = {make_count_series(counts, edges, "", Draw::filled_histogram)};
  set_linear_range(figure);
  figure.notes = {"Mean " + rounded(counts.mean()) + ", #sigma " + rounded(counts.sigma())};
  return figure;
}

Figure process_figure(const OverviewSample& sample,
                      const std::map<std::uint32_t, std::string>& names) {
  const std::vector<double> edges = count_edges(sample.hits());
  Figure figure{.stem = "hits_per_event_by_process",
                .x = {"Hits per event", std::pair{edges.front(), edges.back()}},
                .y = {share_title("events", edges[1] - edges[0], "hits")}};
  for (const auto& [number, counts] : sample.hits_by_process()) {
    const auto name = names.find(number);
    const std::string label =
        name != names.end() ? name->second : "Process " + std::to_string(number);
    figure.series.push_back(
        make_count_series(counts, edges, label + " (" + std::to_string(counts.count()) + " events)",
                          Draw::histogram));
  }
  set_linear_range(figure);
  return figure;
}

Figure technology_figure(const OverviewSample& sample) {
  constexpr std::size_t n = OverviewSample::n_technologies;
  Figure figure{.stem = "technology_shares",
                .x = {"Technology", std::pair{-0.5, static_cast<double>(n) - 0.5}},
                .y = {"Share of hits"}};
  const auto add = [&](const std::string& label, const auto& counts, double low, double high) {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts) all += count;
    if (all == 0) return;
    Series series{.label = label, .draw = Draw::filled_histogram};
    for (std::size_t t = 0; t < n; ++t) {
      series.x_low.push_back(static_cast<double>(t) + low);
      series.x_high.push_back(static_cast<double>(t) + high);
      series.y.push_back(ratio(counts[t], all));
      series.n.push_back(static_cast<double>(counts[t]));
    }
    figure.series.push_back(std::move(series));
  };
  auto background = sample.technology_hits();
  for (std::size_t t = 0; t < n; ++t) background[t] -= sample.technology_signal()[t];
  add("Background hits", background, -0.38, 0.0);
  add("Signal hits", sample.technology_signal(), 0.0, 0.38);
  for (const core::Technology technology : core::technologies)
    figure.categories.emplace_back(core::name(technology));
  set_linear_range(figure);
  return figure;
}

// Hits per event along eta or phi: one panel per station layer that has hits, one line per
// technology.
template <std::size_t n_bins>
Figure occupancy_figure(const OverviewSample& sample, const std::string& stem,
                        const std::string& title, const std::pair<double, double>& range,
                        const OverviewSample::Occupancy<n_bins>& occupancy) {
  Figure figure{
      .stem = stem, .x = {title, range}, .y = {"Hits per event / bin", std::nullopt, true}};
  const double width = (range.second - range.first) / static_cast<double>(n_bins);
  std::vector<double> edges;
  for (std::size_t bin = 0; bin <= n_bins; ++bin)
    edges.push_back(range.first + width * static_cast<double>(bin));
  std::vector<bool> is_in_legend(OverviewSample::n_technologies, false);
  for (std::size_t layer = 0; layer < OverviewSample::n_layers; ++layer) {
    const std::size_t before = figure.series.size();
    for (std::size_t t = 0; t < OverviewSample::n_technologies; ++t) {
      const auto& bins = occupancy[layer][t];
      if (std::ranges::all_of(bins, [](std::uint64_t n) { return n == 0; })) continue;
      Series series = make_bins(edges, "", Draw::histogram);
      if (!is_in_legend[t]) series.label = core::name(core::technologies[t]);
      is_in_legend[t] = true;
      series.color = technology_colors[t];
      series.panel = figure.panels.size();
      for (const std::uint64_t n : bins) {
        series.n.push_back(static_cast<double>(n));
        series.y.push_back(ratio(n, sample.events()));
      }
      figure.series.push_back(std::move(series));
    }
    if (figure.series.size() > before)
      figure.panels.emplace_back(core::name(static_cast<core::StationLayer>(layer)));
  }
  return figure;
}

// Hits per event in cells of eta and phi.
Figure map_figure(const OverviewSample& sample) {
  constexpr double eta_range = OverviewSample::eta_range, phi_low = OverviewSample::phi_low,
                   phi_high = OverviewSample::phi_high;
  Figure figure{.stem = "occupancy_eta_phi",
                .x = {"#eta", std::pair{-eta_range, eta_range}},
                .y = {"#phi [rad]", std::pair{phi_low, phi_high}},
                .z_title = "Hits per event / bin"};
  constexpr double width = 2 * eta_range / OverviewSample::eta_bins,
                   height = (phi_high - phi_low) / OverviewSample::phi_bins;
  Series cells{.draw = Draw::map};
  for (std::size_t eta = 0; eta < OverviewSample::eta_bins; ++eta) {
    for (std::size_t phi = 0; phi < OverviewSample::phi_bins; ++phi) {
      const std::uint64_t hits = sample.by_eta_and_phi()[eta][phi];
      cells.x_low.push_back(-eta_range + width * static_cast<double>(eta));
      cells.x_high.push_back(cells.x_low.back() + width);
      cells.y_low.push_back(phi_low + height * static_cast<double>(phi));
      cells.y_high.push_back(cells.y_low.back() + height);
      cells.y.push_back(0.5 * (cells.y_low.back() + cells.y_high.back()));
      cells.n.push_back(static_cast<double>(hits));
      cells.z.push_back(ratio(hits, sample.events()));
    }
  }
  figure.series = {std::move(cells)};
  return figure;
}

}  // namespace

std::vector<Figure> make_overview_figures(
    const OverviewSample& sample, const std::map<std::uint32_t, std::string>& process_names) {
  std::vector<Figure> figures{
      count_figure("hits_per_event", "Hits per event", "events", sample.hits()),
      count_figure("muons_per_event", "Muons per event", "events", sample.muons()),
      technology_figure(sample)};
  if (sample.hits_per_muon().count() > 0)
    figures.push_back(
        count_figure("hits_per_muon", "Signal hits per muon", "muons", sample.hits_per_muon()));
  if (sample.hits_by_process().size() > 1) figures.push_back(process_figure(sample, process_names));
  for (std::size_t f = 0; f < sample.features().size(); ++f)
    figures.push_back(feature_figure(sample.features()[f], sample.feature_histograms()[f]));
  for (const auto& [technology, histogram] : sample.times()) {
    const std::string name(core::name(technology));
    figures.push_back(hit_figure("time_" + name, name + " time", "", histogram));
  }
  if (sample.has_occupancy()) {
    const std::pair eta_range{-OverviewSample::eta_range, OverviewSample::eta_range},
        phi_range{OverviewSample::phi_low, OverviewSample::phi_high};
    figures.push_back(
        occupancy_figure(sample, "occupancy_eta", "#eta", eta_range, sample.by_eta()));
    figures.push_back(
        occupancy_figure(sample, "occupancy_phi", "#phi [rad]", phi_range, sample.by_phi()));
    figures.push_back(map_figure(sample));
  }
  return figures;
}

}  // namespace stationhit::workflow
