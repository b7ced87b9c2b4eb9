// What is kept or lost in bins of a variable of the muon at the reference working point: whole
// muons, their segments, their hits, and hits by technology. Where nearly all is kept, the lost
// share is shown. Bins come from metrics::binned_efficiency, so that figures and numbers agree.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/efficiency.hpp>
#include <stationhit/metrics/muons.hpp>
#include <stationhit/metrics/segments.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

constexpr std::uint64_t min_hits_shown =
    10;  // by technology: bins with fewer hits are all error bar

struct MuonVariable {
  const char* stem;
  const char* title;
  const char* name;           // in captions
  std::vector<float> values;  // [n_muons] NaN: not shown
  std::vector<double> edges;
  bool log = false;           // the axis
  bool by_technology = true;  // hits are also shown so

  [[nodiscard]] bool is_known() const {
    return std::ranges::any_of(values, [](float value) { return !std::isnan(value); });
  }
};

// Ends of bins of pT: round numbers, about eight in a decade.
std::vector<double> round_pt_edges(double low, double high) {
  constexpr std::array steps{1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0};
  std::vector<double> edges;
  for (double decade = std::pow(10.0, std::floor(std::log10(low)));; decade *= 10) {
    for (const double step : steps) {
      const double edge = step * decade;
      if (edge > low) edges.push_back(edge);
      if (edge <= low)
        edges = {edge};
      else if (edge > high)
        return edges;
    }
  }
}

// Bins between round numbers that hold enough muons each: spectra fall steeply, so bins of equal
// width would hold single muons at their end.
std::vector<double> choose_pt_edges(std::span<const float> pt) {
  constexpr double lowest = 1.0, highest = 1e5;  // GeV; beyond them the ends
  constexpr std::size_t least_muons = 10, most_bins = 50;
  if (pt.empty()) return {5.0, 200.0};
  std::vector<float> sorted(pt.begin(), pt.end());
  std::ranges::sort(sorted);
  const std::size_t enough = std::max(least_muons, sorted.size() / most_bins);
  const auto below = [&](double edge) {
    return static_cast<std::size_t>(std::ranges::lower_bound(sorted, edge) - sorted.begin());
  };
  const std::vector<double> round =
      round_pt_edges(std::clamp<double>(sorted.front(), lowest, highest),
                     std::clamp<double>(sorted.back(), lowest, highest));
  std::vector<double> edges{round.front()};
  for (const double edge : round)
    if (below(edge) - below(edges.back()) >= enough) edges.push_back(edge);
  // What is left over joins the last bin.
  if (edges.size() > 1) edges.pop_back();
  edges.push_back(round.back());
  return edges;
}

// Positive muons bend one way and negative ones the other; what differs between the two in an
// end-cap is the sign of the product.
std::vector<float> charge_times_eta(const metrics::ScoredSample& sample) {
  std::vector<float> values(sample.n_muons(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t muon = 0; muon < sample.muon_q.size(); ++muon)
    if (sample.muon_q[muon] != 0)
      values[muon] = static_cast<float>(sample.muon_q[muon]) * sample.muon_eta[muon];
  return values;
}

// From a distance below that of the closest pair, in steps of a factor of 2, to beyond the largest
// possible one. The ends are no labels of the axis, which would meet those of the other one.
std::vector<double> distance_edges(std::span<const float> distances, std::size_t n_bins) {
  constexpr double largest = 7.0, smallest = 0.01;
  double low = largest / 2;
  for (const float distance : distances)
    while (static_cast<double>(distance) < low && low > smallest) low /= 2;
  return metrics::logarithmic_edges(n_bins, low, largest);
}

// Few muons share few bins, which would otherwise be all error bar.
std::size_t choose_bins(std::size_t n_muons) {
  constexpr std::size_t fewest = 6, most = 20, muons_per_bin = 20;
  return std::clamp(n_muons / muons_per_bin, fewest, most);
}

std::vector<MuonVariable> list_variables(const metrics::ScoredSample& sample) {
  const std::size_t n_bins = choose_bins(sample.n_muons());
  const std::vector<float> distances = metrics::distances_to_nearest_muon(sample);
  std::vector<MuonVariable> variables{
      {"pt", "Muon p_{T} [GeV]", "the pT of the muon", sample.muon_pt,
       choose_pt_edges(sample.muon_pt), true},
      {"eta", "Muon #eta", "the eta of the muon", sample.muon_eta,
       metrics::uniform_edges(n_bins, -2.7, 2.7)},
      {"phi", "Muon #phi [rad]", "the phi of the muon", sample.muon_phi,
       metrics::uniform_edges(n_bins, -3.2, 3.2)},
      {"charge_eta", "Muon charge #times #eta", "the charge of the muon times its eta",
       charge_times_eta(sample), metrics::uniform_edges(n_bins, -2.7, 2.7), false, false},
      {"distance", "#DeltaR to the nearest muon",
       "the distance Delta R between the muon and the nearest other muon of its event", distances,
       distance_edges(distances, n_bins), true, false}};
  // Ntuples may lack the charge, and samples of single muons have no distances.
  std::erase_if(variables, [](const MuonVariable& variable) { return !variable.is_known(); });
  return variables;
}

// Where the mark of a bin stands: shifted by a share of the bin from its middle.
double place_mark(const metrics::EfficiencyBin& bin, bool log, double shift) {
  const double share = 0.5 + shift;
  return log ? bin.low * std::pow(bin.high / bin.low, share)
             : bin.low + share * (bin.high - bin.low);
}

// Bins with fewer than `min_total` entries are left out. `shift` moves the marks by a share of the
// bin, so that several series can be told apart.
plots::Series make_share_series(const metrics::BinnedEfficiency& binned, const std::string& label,
                                std::uint64_t min_total, bool log, double shift = 0.0,
                                bool bin_bars = true) {
  // The bars of a bin would overlap if several series share it, so only one of them has bars.
  plots::Series series{.label = label, .draw = plots::Draw::points, .x_bars = bin_bars};
  for (const metrics::EfficiencyBin& bin : binned.bins) {
    if (bin.total < min_total) continue;
    const metrics::Interval interval = bin.interval();
    series.x.push_back(place_mark(bin, log, shift));
    series.x_low.push_back(bin.low);
    series.x_high.push_back(bin.high);
    series.y.push_back(bin.value());
    series.y_low.push_back(interval.low);
    series.y_high.push_back(interval.high);
    series.n.push_back(static_cast<double>(bin.total));
  }
  return series;
}

// Muons, segments or hits, each with the variable of its muon and whether it is counted: those that
// are kept, or those that are lost.
struct Entries {
  std::vector<float> value;
  std::vector<std::uint8_t> counted;

  void add(const MuonVariable& variable, std::uint64_t muon, bool is_counted) {
    value.push_back(variable.values[muon]);
    counted.push_back(is_counted ? 1 : 0);
  }
  [[nodiscard]] std::uint64_t known() const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(value, [](float v) { return !std::isnan(v); }));
  }
  [[nodiscard]] metrics::BinnedEfficiency binned(const MuonVariable& variable) const {
    return metrics::binned_efficiency(value, counted, variable.edges);
  }
};

// What is kept at the reference point.
struct Cut {
  double working_point;
  float threshold;
};

// The sample and what of it does not depend on the variable.
struct CutSample {
  const metrics::ScoredSample& sample;
  Cut cut;
  std::vector<std::int64_t> muon_of_hit;
  std::vector<float> muon_scores;
  std::vector<metrics::TwoLayerMuon> two_layer_muons;
  std::vector<metrics::Segment> segments;
};

enum class Counted { kept, lost };

// The signal hits of a technology, or of all.
Entries select_signal_hits(const CutSample& cut, const MuonVariable& variable, Counted counted,
                           std::optional<core::Technology> technology = {}) {
  Entries hits;
  for (std::size_t hit = 0; hit < cut.sample.n_hits(); ++hit) {
    const std::int64_t muon = cut.muon_of_hit[hit];
    if (muon < 0 ||
        (technology && cut.sample.technology[hit] != static_cast<std::uint8_t>(*technology)))
      continue;
    const bool kept = cut.sample.score[hit] > cut.cut.threshold;
    hits.add(variable, static_cast<std::uint64_t>(muon), kept == (counted == Counted::kept));
  }
  return hits;
}

plots::Figure make_empty_figure(const std::string& stem, const MuonVariable& variable,
                                const std::string& y_title, const Cut& cut,
                                const std::string& size) {
  plots::Figure figure{
      .stem = stem + "_" + variable.stem,
      .x = {variable.title, std::pair{variable.edges.front(), variable.edges.back()}, variable.log},
      .y = {y_title}};
  figure.notes = {"Working point " + core::to_text(cut.working_point) + ", " + size};
  return figure;
}

std::string end_caption(const MuonVariable& variable) {
  return std::string(" against ") + variable.name + ", with 68 % Clopper-Pearson intervals.";
}

// Where nearly all is kept, only the lost share on a logarithmic axis tells bins apart.
plots::Figure make_empty_loss_figure(const std::string& stem, const MuonVariable& variable,
                                     const std::string& y_title, const Cut& cut,
                                     const std::string& size) {
  plots::Figure figure = make_empty_figure(stem, variable, y_title, cut, size);
  figure.y.log = true;
  return figure;
}

std::string end_loss_caption(const MuonVariable& variable) {
  return end_caption(variable) + " Arrows: upper limits of bins that lose nothing.";
}

CaptionedFigure make_muon_figure(const CutSample& cut, const MuonVariable& variable) {
  Entries muons, two_layer;
  for (std::size_t muon = 0; muon < cut.muon_scores.size(); ++muon)
    muons.add(variable, muon, !(cut.muon_scores[muon] > cut.cut.threshold));
  for (const metrics::TwoLayerMuon& muon : cut.two_layer_muons)
    two_layer.add(variable, muon.muon, !(muon.score > cut.cut.threshold));
  const bool has_layers = two_layer.known() > 0;
  plots::Figure figure = make_empty_loss_figure("muon_loss", variable, "Share of muons lost",
                                                cut.cut, count_text(muons.known(), "muon"));
  figure.series = {make_share_series(muons.binned(variable), has_layers ? "3 hits" : "", 1,
                                     variable.log, has_layers ? -0.1 : 0.0)};
  if (has_layers) {
    figure.series.push_back(make_share_series(
        two_layer.binned(variable), "3 hits in 2 station layers", 1, variable.log, 0.1, false));
  }
  return {figure, "Share of muons that do not keep 3 hits" +
                      std::string(has_layers ? ", and that do not keep 3 hits in each of 2 station "
                                               "layers, of those that have them,"
                                             : "") +
                      end_loss_caption(variable)};
}

CaptionedFigure make_segment_figure(const CutSample& cut, const MuonVariable& variable) {
  Entries not_whole, not_usable;
  for (const metrics::Segment& segment : cut.segments) {
    not_whole.add(variable, segment.muon, !(segment.whole_score > cut.cut.threshold));
    not_usable.add(variable, segment.muon, !(segment.usable_score > cut.cut.threshold));
  }
  plots::Figure figure = make_empty_loss_figure("segment_loss", variable, "Share of segments lost",
                                                cut.cut, count_text(not_whole.known(), "segment"));
  figure.series = {
      make_share_series(not_usable.binned(variable), "Not usable", 1, variable.log, -0.1),
      make_share_series(not_whole.binned(variable), "Not whole", 1, variable.log, 0.1, false)};
  return {figure,
          "Share of segments that keep fewer than 3 hits or less than 80 % of their hits (not "
          "usable), and that lose any hit (not whole)," +
              end_loss_caption(variable)};
}

CaptionedFigure make_hit_figure(const CutSample& cut, const MuonVariable& variable) {
  const Entries hits = select_signal_hits(cut, variable, Counted::kept);
  plots::Figure figure = make_empty_figure("hit_efficiency", variable, "Hit efficiency", cut.cut,
                                           count_text(hits.known(), "signal hit"));
  figure.series = {make_share_series(hits.binned(variable), "", 1, variable.log)};
  return {figure, "Share of the signal hits kept" + end_caption(variable)};
}

// One panel per technology: their bars would cover each other in one frame.
CaptionedFigure make_technology_figure(const CutSample& cut, const MuonVariable& variable) {
  const auto signal_hits = std::ranges::count_if(cut.muon_of_hit, [](auto m) { return m >= 0; });
  plots::Figure figure = make_empty_loss_figure(
      "hit_loss_by_technology", variable, "Share of signal hits lost", cut.cut,
      count_text(static_cast<std::uint64_t>(signal_hits), "signal hit"));
  for (const core::Technology technology : core::technologies) {
    const Entries hits = select_signal_hits(cut, variable, Counted::lost, technology);
    plots::Series series =
        make_share_series(hits.binned(variable), "", min_hits_shown, variable.log);
    series.panel = figure.panels.size();
    figure.series.push_back(std::move(series));
    figure.panels.emplace_back(core::name(technology));
  }
  return {figure, "Share of the signal hits lost, by technology," + end_loss_caption(variable) +
                      " Bins with fewer than " + std::to_string(min_hits_shown) +
                      " signal hits are left out."};
}

}  // namespace

std::vector<CaptionedFigure> efficiency_figures(const metrics::ScoredSample& sample,
                                                const EvaluationResult& result) {
  const CutSample cut{sample,
                      {result.reference_point, result.reference_threshold},
                      metrics::muon_of_hit(sample),
                      metrics::muon_scores(sample),
                      metrics::find_two_layer_muons(sample),
                      metrics::find_segments(sample)};
  const std::vector<MuonVariable> shown = list_variables(sample);
  std::vector<CaptionedFigure> figures;
  for (const MuonVariable& variable : shown) figures.push_back(make_muon_figure(cut, variable));
  if (!cut.segments.empty()) {
    for (const MuonVariable& variable : shown)
      figures.push_back(make_segment_figure(cut, variable));
  }
  for (const MuonVariable& variable : shown) figures.push_back(make_hit_figure(cut, variable));
  for (const MuonVariable& variable : shown)
    if (variable.by_technology) figures.push_back(make_technology_figure(cut, variable));
  return figures;
}

}  // namespace stationhit::evaluation
