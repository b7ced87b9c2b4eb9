// Efficiencies in bins of a muon's pT, eta and phi at the reference working point, for whole muons,
// for hits, and for hits by technology. Bins come from metrics::binned_efficiency, so that figures
// and numbers agree.
#include <algorithm>
#include <cmath>

#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/efficiency.hpp>
#include <stationhit/metrics/muons.hpp>

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
  const char* name;
  double low, high;
  std::vector<float> metrics::ScoredSample::*column;
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

std::vector<MuonVariable> list_variables(const metrics::ScoredSample& sample) {
  return {{"pt", "Muon p_{T} [GeV]", "pT", 0.0, find_highest_pt(sample),
           &metrics::ScoredSample::muon_pt},
          {"eta", "Muon #eta", "eta", -2.7, 2.7, &metrics::ScoredSample::muon_eta},
          {"phi", "Muon #phi [rad]", "phi", -3.2, 3.2, &metrics::ScoredSample::muon_phi}};
}

// Bins with fewer than `min_total` entries are left out. `shift` moves the marks by a share of the
// bin, so that several series can be told apart.
plots::Series make_efficiency_series(const metrics::BinnedEfficiency& binned,
                                     const std::string& label, std::uint64_t min_total,
                                     double shift = 0.0, bool bin_bars = true) {
  plots::Series series{.label = label, .draw = plots::Draw::points};
  for (const metrics::EfficiencyBin& bin : binned.bins) {
    if (bin.total < min_total) continue;
    const metrics::Interval interval = bin.interval();
    // The bars of a bin would overlap if several series share it, so shifted series have marks
    // without them.
    const double center = 0.5 * (bin.low + bin.high) + shift * (bin.high - bin.low);
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

// Signal hits of one technology, or of all, with the variable of their muon.
struct SignalHits {
  std::vector<float> value;
  std::vector<std::uint8_t> kept;
};

SignalHits select_signal_hits(const metrics::ScoredSample& sample,
                              const std::vector<std::int64_t>& muon, const MuonVariable& variable,
                              float threshold, const core::Technology* technology) {
  SignalHits hits;
  for (std::size_t hit = 0; hit < sample.n_hits(); ++hit) {
    if (muon[hit] < 0 ||
        (technology != nullptr && sample.technology[hit] != static_cast<std::uint8_t>(*technology)))
      continue;
    hits.value.push_back((sample.*variable.column)[static_cast<std::size_t>(muon[hit])]);
    hits.kept.push_back(sample.score[hit] > threshold ? 1 : 0);
  }
  return hits;
}

// What is kept at the reference point.
struct Cut {
  double working_point;
  float threshold;
};

plots::Figure make_empty_figure(const std::string& stem, const MuonVariable& variable,
                                const std::string& y_title, const Cut& cut,
                                const std::string& size) {
  plots::Figure figure{.stem = stem + "_" + variable.stem,
                       .x = {variable.title, std::pair{variable.low, variable.high}},
                       .y = {y_title}};
  figure.notes = {"Working point " + core::to_text(cut.working_point) + ", " + size};
  return figure;
}

CaptionedFigure make_muon_figure(const metrics::ScoredSample& sample, const MuonVariable& variable,
                                 const Cut& cut) {
  std::vector<std::uint8_t> kept;
  for (const float score : metrics::muon_scores(sample))
    kept.push_back(score > cut.threshold ? 1 : 0);
  const auto binned = metrics::binned_efficiency(
      sample.*variable.column, kept, metrics::uniform_edges(n_bins, variable.low, variable.high));
  plots::Figure figure =
      make_empty_figure("muon_efficiency", variable, "Share of muons with #geq 3 hits kept", cut,
                        count_text(kept.size(), "muon"));
  figure.series = {make_efficiency_series(binned, "", 1)};
  return {figure, std::string("Share of muons that keep at least 3 hits against ") + variable.name +
                      ", with 68 % Clopper-Pearson intervals."};
}

CaptionedFigure make_hit_figure(const metrics::ScoredSample& sample,
                                const std::vector<std::int64_t>& muon, const MuonVariable& variable,
                                const Cut& cut) {
  const SignalHits hits = select_signal_hits(sample, muon, variable, cut.threshold, nullptr);
  const auto binned = metrics::binned_efficiency(
      hits.value, hits.kept, metrics::uniform_edges(n_bins, variable.low, variable.high));
  plots::Figure figure = make_empty_figure("hit_efficiency", variable, "Hit efficiency", cut,
                                           count_text(hits.value.size(), "signal hit"));
  figure.series = {make_efficiency_series(binned, "", 1)};
  return {figure, std::string("Share of the signal hits kept against ") + variable.name +
                      " of their muon, with 68 % Clopper-Pearson intervals."};
}

CaptionedFigure make_technology_figure(const metrics::ScoredSample& sample,
                                       const std::vector<std::int64_t>& muon,
                                       const MuonVariable& variable, const Cut& cut) {
  plots::Figure figure = make_empty_figure(
      "hit_efficiency_by_technology", variable, "Hit efficiency", cut,
      count_text(
          static_cast<std::uint64_t>(std::ranges::count_if(muon, [](auto m) { return m >= 0; })),
          "signal hit"));
  // Five technologies share a bin, side by side.
  double shift = -0.3;
  for (const core::Technology technology : core::technologies) {
    const SignalHits hits = select_signal_hits(sample, muon, variable, cut.threshold, &technology);
    const auto binned = metrics::binned_efficiency(
        hits.value, hits.kept, metrics::uniform_edges(n_bins, variable.low, variable.high));
    figure.series.push_back(make_efficiency_series(binned, std::string(core::name(technology)),
                                                   min_hits_shown, shift, false));
    shift += 0.15;
  }
  return {figure, std::string("Share of the signal hits kept, by technology, against ") +
                      variable.name +
                      " of their muon, with 68 % Clopper-Pearson intervals. Bins with fewer than " +
                      std::to_string(min_hits_shown) + " signal hits are left out."};
}

}  // namespace

std::vector<CaptionedFigure> efficiency_figures(const metrics::ScoredSample& sample,
                                                const EvaluationResult& result) {
  const Cut cut{result.reference_point, result.reference_threshold};
  const std::vector<std::int64_t> muon = metrics::muon_of_hit(sample);
  const std::vector<MuonVariable> shown = list_variables(sample);
  std::vector<CaptionedFigure> figures;
  for (const MuonVariable& variable : shown)
    figures.push_back(make_muon_figure(sample, variable, cut));
  for (const MuonVariable& variable : shown)
    figures.push_back(make_hit_figure(sample, muon, variable, cut));
  for (const MuonVariable& variable : shown)
    figures.push_back(make_technology_figure(sample, muon, variable, cut));
  return figures;
}

}  // namespace stationhit::evaluation
