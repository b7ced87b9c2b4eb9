// Efficiencies in bins of a variable of the muon at the reference working point, for whole muons,
// their segments, their hits, and for hits by technology. Bins come from
// metrics::binned_efficiency, so that figures and numbers agree.
#include <algorithm>
#include <cmath>
#include <limits>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/efficiency.hpp>
#include <stationhit/metrics/muons.hpp>
#include <stationhit/metrics/segments.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

constexpr std::size_t n_bins = 20;
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

// Up to the muon of highest pT, in whole GeV per bin, but not beyond 200 GeV: there are few muons
// above.
// The axis ends at a round number above the largest pT, so that samples of low pT fill it.
double find_highest_pt(const metrics::ScoredSample& sample) {
  constexpr double limit = 200.0, step = n_bins;
  if (sample.muon_pt.empty()) return limit;
  return std::clamp(
      step * std::ceil(*std::max_element(sample.muon_pt.begin(), sample.muon_pt.end()) / step),
      step, limit);
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
std::vector<double> distance_edges(std::span<const float> distances) {
  constexpr double largest = 7.0, smallest = 0.01;
  double low = largest / 2;
  for (const float distance : distances)
    while (static_cast<double>(distance) < low && low > smallest) low /= 2;
  return metrics::logarithmic_edges(n_bins, low, largest);
}

std::vector<MuonVariable> list_variables(const metrics::ScoredSample& sample) {
  const std::vector<float> distances = metrics::distances_to_nearest_muon(sample);
  std::vector<MuonVariable> variables{
      {"pt", "Muon p_{T} [GeV]", "the pT of the muon", sample.muon_pt,
       metrics::uniform_edges(n_bins, 0.0, find_highest_pt(sample))},
      {"eta", "Muon #eta", "the eta of the muon", sample.muon_eta,
       metrics::uniform_edges(n_bins, -2.7, 2.7)},
      {"phi", "Muon #phi [rad]", "the phi of the muon", sample.muon_phi,
       metrics::uniform_edges(n_bins, -3.2, 3.2)},
      {"charge_eta", "Muon charge #times #eta", "the charge of the muon times its eta",
       charge_times_eta(sample), metrics::uniform_edges(n_bins, -2.7, 2.7), false, false},
      {"distance", "#DeltaR to the nearest muon",
       "the distance Delta R between the muon and the nearest other muon of its event", distances,
       distance_edges(distances), true, false}};
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
plots::Series make_efficiency_series(const metrics::BinnedEfficiency& binned,
                                     const std::string& label, std::uint64_t min_total, bool log,
                                     double shift = 0.0, bool bin_bars = true) {
  plots::Series series{.label = label, .draw = plots::Draw::points};
  for (const metrics::EfficiencyBin& bin : binned.bins) {
    if (bin.total < min_total) continue;
    const metrics::Interval interval = bin.interval();
    // The bars of a bin would overlap if several series share it, so shifted series have marks
    // without them.
    const double center = place_mark(bin, log, shift);
    series.x.push_back(center);
    series.x_low.push_back(bin_bars ? bin.low : center);
    series.x_high.push_back(bin_bars ? bin.high : center);
    series.y.push_back(bin.value());
    series.y_low.push_back(interval.low);
    series.y_high.push_back(interval.high);
    series.n.push_back(static_cast<double>(bin.total));
  }
  return series;
}

// Muons, segments or hits, each with the variable of its muon and whether it is kept.
struct Entries {
  std::vector<float> value;
  std::vector<std::uint8_t> kept;

  void add(const MuonVariable& variable, std::uint64_t muon, bool is_kept) {
    value.push_back(variable.values[muon]);
    kept.push_back(is_kept ? 1 : 0);
  }
  [[nodiscard]] std::uint64_t known() const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(value, [](float v) { return !std::isnan(v); }));
  }
  [[nodiscard]] metrics::BinnedEfficiency binned(const MuonVariable& variable) const {
    return metrics::binned_efficiency(value, kept, variable.edges);
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

Entries select_signal_hits(const CutSample& cut, const MuonVariable& variable,
                           const core::Technology* technology) {
  Entries hits;
  for (std::size_t hit = 0; hit < cut.sample.n_hits(); ++hit) {
    const std::int64_t muon = cut.muon_of_hit[hit];
    if (muon < 0 || (technology != nullptr &&
                     cut.sample.technology[hit] != static_cast<std::uint8_t>(*technology)))
      continue;
    hits.add(variable, static_cast<std::uint64_t>(muon), cut.sample.score[hit] > cut.cut.threshold);
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

CaptionedFigure make_muon_figure(const CutSample& cut, const MuonVariable& variable) {
  Entries muons, two_layer;
  for (std::size_t muon = 0; muon < cut.muon_scores.size(); ++muon)
    muons.add(variable, muon, cut.muon_scores[muon] > cut.cut.threshold);
  for (const metrics::TwoLayerMuon& muon : cut.two_layer_muons)
    two_layer.add(variable, muon.muon, muon.score > cut.cut.threshold);
  const bool has_layers = two_layer.known() > 0;
  plots::Figure figure = make_empty_figure("muon_efficiency", variable, "Share of muons kept",
                                           cut.cut, count_text(muons.known(), "muon"));
  figure.series = {make_efficiency_series(muons.binned(variable), has_layers ? "3 hits kept" : "",
                                          1, variable.log, has_layers ? -0.1 : 0.0)};
  if (has_layers) {
    figure.series.push_back(make_efficiency_series(two_layer.binned(variable),
                                                   "3 hits kept in 2 station layers", 1,
                                                   variable.log, 0.1, false));
  }
  return {figure,
          "Share of muons that keep at least 3 hits" +
              std::string(has_layers ? ", and at least 3 hits in at least 2 station layers," : "") +
              end_caption(variable)};
}

CaptionedFigure make_segment_figure(const CutSample& cut, const MuonVariable& variable) {
  Entries whole, usable;
  for (const metrics::Segment& segment : cut.segments) {
    whole.add(variable, segment.muon, segment.whole_score > cut.cut.threshold);
    usable.add(variable, segment.muon, segment.usable_score > cut.cut.threshold);
  }
  plots::Figure figure = make_empty_figure("segment_efficiency", variable, "Share of segments kept",
                                           cut.cut, count_text(whole.known(), "segment"));
  figure.series = {
      make_efficiency_series(usable.binned(variable), "Usable", 1, variable.log, 0.1, false),
      make_efficiency_series(whole.binned(variable), "Whole", 1, variable.log, -0.1)};
  return {figure,
          "Share of segments that keep all hits (whole), and at least 3 hits and 80 % "
          "(usable)," +
              end_caption(variable)};
}

CaptionedFigure make_hit_figure(const CutSample& cut, const MuonVariable& variable) {
  const Entries hits = select_signal_hits(cut, variable, nullptr);
  plots::Figure figure = make_empty_figure("hit_efficiency", variable, "Hit efficiency", cut.cut,
                                           count_text(hits.known(), "signal hit"));
  figure.series = {make_efficiency_series(hits.binned(variable), "", 1, variable.log)};
  return {figure, "Share of the signal hits kept" + end_caption(variable)};
}

CaptionedFigure make_technology_figure(const CutSample& cut, const MuonVariable& variable) {
  plots::Figure figure =
      make_empty_figure("hit_efficiency_by_technology", variable, "Hit efficiency", cut.cut,
                        count_text(static_cast<std::uint64_t>(std::ranges::count_if(
                                       cut.muon_of_hit, [](auto m) { return m >= 0; })),
                                   "signal hit"));
  // Five technologies share a bin, side by side.
  double shift = -0.3;
  for (const core::Technology technology : core::technologies) {
    const Entries hits = select_signal_hits(cut, variable, &technology);
    figure.series.push_back(make_efficiency_series(hits.binned(variable),
                                                   std::string(core::name(technology)),
                                                   min_hits_shown, variable.log, shift, false));
    shift += 0.15;
  }
  return {figure, "Share of the signal hits kept, by technology," + end_caption(variable) +
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
