#include <algorithm>
#include <cmath>
#include <string>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/validation.hpp>
#include <stationhit/workflow/validation_figures.hpp>

namespace stationhit::workflow {
namespace {

using plots::Draw;
using plots::Figure;
using plots::Series;
using simulation::Distribution;

std::string rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  std::string text = std::to_string(std::round(value * scale) / scale);
  return text.substr(0, text.find('.') + (digits > 0 ? static_cast<std::size_t>(digits) + 1 : 0));
}

// Shares of the values in bins of `width` whole numbers.
Series histogram(const Distribution& distribution, std::uint32_t width, const std::string& label,
                 Draw draw) {
  Series series{.label = label, .draw = draw};
  const std::uint32_t first = distribution.min() / width,
                      n_bins = distribution.max() / width - first + 1;
  for (std::uint32_t bin = 0; bin < n_bins; ++bin) {
    series.x_low.push_back(static_cast<double>((first + bin) * width) - 0.5);
    series.x_high.push_back(static_cast<double>((first + bin + 1) * width) - 0.5);
  }
  series.n.assign(n_bins, 0.0);
  for (const auto& [value, times] : distribution.values())
    series.n[value / width - first] += static_cast<double>(times);
  for (const double entries : series.n)
    series.y.push_back(entries /
                       static_cast<double>(std::max<std::uint64_t>(distribution.count(), 1)));
  return series;
}

// `of`: the things that have these counts.
Figure count_figure(const std::string& stem, const std::string& title, const std::string& of,
                    const Distribution& distribution, std::uint32_t width,
                    const std::string& published) {
  Figure figure{.stem = stem,
                .x = {title},
                .y = {plots::title_per_bin("Share of " + of, width, width > 1 ? "hits" : "hit")}};
  figure.series = {histogram(distribution, width, "", Draw::filled_histogram)};
  figure.y.range = std::pair{
      0.0, 1.15 * *std::max_element(figure.series[0].y.begin(), figure.series[0].y.end())};
  const int digits = width > 1 ? 0 : 1;
  figure.notes = {"Mean " + rounded(distribution.mean(), digits) + ", #sigma " +
                  rounded(distribution.sigma(), digits) + published};
  return figure;
}

// Equal bins between low and high.
struct Bins {
  double low, high;
  int n;

  [[nodiscard]] double width() const { return (high - low) / n; }
};

Series value_histogram(const std::vector<float>& values, const Bins& bins) {
  Series series{.draw = Draw::filled_histogram};
  const auto [low, high, n_bins] = bins;
  const double width = bins.width();
  for (int bin = 0; bin < n_bins; ++bin) {
    series.x_low.push_back(low + bin * width);
    series.x_high.push_back(low + (bin + 1) * width);
  }
  series.n.assign(static_cast<std::size_t>(n_bins), 0.0);
  for (const float value : values)
    if (value >= low && value < high)
      ++series.n[static_cast<std::size_t>((static_cast<double>(value) - low) / width)];
  for (const double entries : series.n)
    series.y.push_back(entries / static_cast<double>(std::max<std::size_t>(values.size(), 1)));
  return series;
}

enum class YScale { linear, logarithmic };

Figure muon_figure(const std::string& stem, const std::string& title,
                   const std::vector<float>& values, const Bins& bins, const std::string& unit,
                   YScale scale) {
  Figure figure{.stem = stem,
                .x = {title, std::pair{bins.low, bins.high}},
                .y = {plots::title_per_bin("Share of muons", bins.width(), unit)}};
  figure.y.log = scale == YScale::logarithmic;
  figure.series = {value_histogram(values, bins)};
  if (scale == YScale::linear)
    figure.y.range = std::pair{
        0.0, 1.2 * *std::max_element(figure.series[0].y.begin(), figure.series[0].y.end())};
  figure.notes = {std::to_string(values.size()) + " muons after the cuts"};
  return figure;
}

Figure muons_per_event(const simulation::SampleStatistics& statistics) {
  Figure figure{.stem = "muons_per_event",
                .x = {"Muons per event", std::pair{0.5, 4.5}},
                .y = {"Share of events", std::pair{1e-4, 2.0}, true}};
  Series toy = histogram(statistics.muons, 1, "Toy simulation", Draw::filled_histogram);
  Series published{.label = "Published", .draw = Draw::points};
  for (std::size_t n = 0; n < 4; ++n) {
    published.x.push_back(static_cast<double>(n) + 1);
    published.y.push_back(simulation::published_statistics().muon_shares[n]);
    figure.categories.push_back(std::to_string(n + 1));
  }
  figure.series = {toy, published};
  return figure;
}

// Hits (signal hits) per event and technology beside the published ones.
Figure technologies(const simulation::SampleStatistics& statistics, bool of_muons) {
  const auto& published = simulation::published_statistics();
  Figure figure{.stem = of_muons ? "technology_true_hits" : "technology_hits",
                .x = {"Technology", std::pair{-0.5, 4.5}},
                .y = {of_muons ? "Signal hits per event" : "Hits per event",
                      of_muons ? std::pair{0.05, 200.0} : std::pair{50.0, 2e4}, true}};
  Series toy{.label = "Toy simulation", .draw = Draw::filled_histogram},
      real{.label = "Published", .draw = Draw::points};
  for (std::size_t t = 0; t < core::technologies.size(); ++t) {
    const auto place = static_cast<double>(t);
    const Distribution& distribution =
        of_muons ? statistics.technology_true_hits[t] : statistics.technology_hits[t];
    toy.x_low.push_back(place - 0.4);
    toy.x_high.push_back(place + 0.4);
    toy.y.push_back(distribution.mean());
    real.x.push_back(place);
    real.y.push_back(of_muons ? published.technology_true_hits[t] : published.technology_hits[t]);
    figure.categories.emplace_back(core::name(core::technologies[t]));
  }
  figure.series = {toy, real};
  return figure;
}

Figure drift_radius(const simulation::StructureStatistics& structure) {
  Figure figure{.stem = "drift_radius",
                .x = {"Drift radius [mm]", std::pair{0.0, 15.0}},
                .y = {plots::title_per_bin("Share of tube hits", 0.5, "mm")}};
  const auto add = [&](const auto& counts, const std::string& label, Draw draw) {
    Series series{.label = label, .draw = draw};
    double sum = 0;
    for (const std::uint64_t count : counts) sum += static_cast<double>(count);
    for (std::size_t bin = 0; bin < counts.size(); ++bin) {
      series.x_low.push_back(0.5 * static_cast<double>(bin));
      series.x_high.push_back(0.5 * static_cast<double>(bin + 1));
      series.n.push_back(static_cast<double>(counts[bin]));
      series.y.push_back(static_cast<double>(counts[bin]) / std::max(sum, 1.0));
    }
    figure.series.push_back(std::move(series));
  };
  add(structure.background_drift, "Background hits", Draw::filled_histogram);
  add(structure.true_drift, "Signal hits", Draw::histogram);
  figure.y.range = std::pair{0.0, 0.12};
  return figure;
}

Figure rate_by_eta(const simulation::StructureStatistics& structure,
                   const simulation::Detector& detector) {
  const auto area = simulation::sensitive_area(detector);
  Figure figure{.stem = "rate_by_eta",
                .x = {"|#eta|", std::pair{0.0, 2.7}},
                .y = {"Hits per event and m^{2} of layer", std::nullopt, true}};
  for (std::size_t t = 0; t < core::technologies.size(); ++t) {
    Series series{.label = std::string(core::name(core::technologies[t])),
                  .draw = Draw::line_with_points};
    for (std::size_t bin = 0; bin < simulation::n_eta_bins; ++bin) {
      if (area[t][bin] < 1.0) continue;  // m^2
      series.x.push_back(0.1 * (static_cast<double>(bin) + 0.5));
      series.y.push_back(structure.per_event(structure.hits_by_eta[t][bin]) / area[t][bin]);
      series.n.push_back(static_cast<double>(structure.hits_by_eta[t][bin]));
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

// Background hits per event by what made them; the part that looks like a piece of a muon beside.
Figure origins(const simulation::StructureStatistics& structure) {
  Figure figure{.stem = "background_origins",
                .x = {"", std::pair{-0.5, simulation::n_origins - 0.5}},
                .y = {"Background hits per event", std::pair{0.01, 1e6}, true}};
  Series all{.label = "All", .draw = Draw::filled_histogram},
      like{.label = "Muon-like, #geq 3 in a bucket", .draw = Draw::filled_histogram};
  for (std::size_t o = 0; o < simulation::n_origins; ++o) {
    const auto add = [&](Series& series, double low, double high, std::uint64_t count) {
      series.x_low.push_back(static_cast<double>(o) + low);
      series.x_high.push_back(static_cast<double>(o) + high);
      series.y.push_back(structure.per_event(count));
      series.n.push_back(static_cast<double>(count));
    };
    add(all, -0.38, 0.0, structure.background_hits[o]);
    add(like, 0.0, 0.38, structure.muon_like_hits[o]);
    figure.categories.push_back(background_name(static_cast<simulation::Origin>(o)));
  }
  figure.series = {all, like};
  return figure;
}

}  // namespace

std::vector<Figure> make_validation_figures(const ValidationSample& sample,
                                            const simulation::Detector& detector) {
  const simulation::SampleStatistics& statistics = sample.statistics();
  const core::MuonTable& muons = sample.muons();
  return {count_figure("hits_per_event", "Hits per event", "events", statistics.hits, 250,
                       " (published 6,896, #approx 1,300)"),
          count_figure("hits_per_muon", "Signal hits per muon", "muons", statistics.hits_per_muon,
                       1, " (published 25.9, 8.4)"),
          muons_per_event(statistics),
          technologies(statistics, false),
          technologies(statistics, true),
          drift_radius(sample.structure()),
          rate_by_eta(sample.structure(), detector),
          origins(sample.structure()),
          muon_figure("muon_pt", "Muon p_{T} [GeV]", muons.pt, {0, 200, 50}, "GeV",
                      YScale::logarithmic),
          muon_figure("muon_eta", "Muon #eta", muons.eta, {-2.7, 2.7, 54}, "", YScale::linear),
          muon_figure("muon_phi", "Muon #phi [rad]", muons.phi, {-3.2, 3.2, 64}, "rad",
                      YScale::linear)};
}

}  // namespace stationhit::workflow
