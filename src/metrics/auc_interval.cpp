// The AUC of every replica from a histogram of the scores that is filled once per event. Its edges
// are close together at the low signal hits: there lies most of the background, and every signal
// hit counts. The sample itself is counted like a replica, which gives the error of the histogram.
#include <algorithm>
#include <cmath>

#include <stationhit/metrics/bootstrap.hpp>

#include "bootstrap_parts.hpp"
#include "just_below.hpp"

namespace stationhit::metrics {
namespace {

constexpr std::size_t n_edges = 512;

// Just below the signal hits of rank 1, 2, 3, ..., n from the bottom, ranks in geometric steps.
std::vector<float> choose_edges(std::span<const SignalHit> descending) {
  const std::size_t n = descending.size();
  std::vector<float> edges;
  for (std::size_t i = 0; i <= n_edges; ++i) {
    const double rank = std::pow(static_cast<double>(n), static_cast<double>(i) / n_edges);
    edges.push_back(just_below(
        descending[n - std::min(n, static_cast<std::size_t>(std::llround(rank)))].score));
  }
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

// Hits of every replica in the cells of the histogram; the last row is the sample itself.
struct Histograms {
  std::size_t n_rows, n_cells;
  std::vector<double> signal, background;  // [n_rows, n_cells]

  Histograms(std::size_t rows, std::size_t cells)
      : n_rows(rows), n_cells(cells), signal(rows * cells), background(rows * cells) {}
};

void add_entries(std::vector<double>& cells, const Histograms& histograms, std::size_t cell,
                 std::span<const std::uint16_t> weights, std::uint32_t entries) {
  if (entries == 0) return;
  for (std::size_t row = 0; row < weights.size(); ++row)
    cells[row * histograms.n_cells + cell] += static_cast<double>(weights[row]) * entries;
  cells[weights.size() * histograms.n_cells + cell] += entries;
}

Histograms fill_histograms(const ScoredSample& sample, const Replicas& replicas,
                           std::span<const float> edges) {
  Histograms histograms(replicas.n + std::size_t{1}, edges.size() + 1);
  EventCells cells(edges.size());
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    cells.fill(sample, event, edges);
    const std::span<const std::uint16_t> weights = replicas.weights_of(event);
    for (std::size_t cell = 0; cell < histograms.n_cells; ++cell) {
      add_entries(histograms.signal, histograms, cell, weights, cells.signal[cell]);
      add_entries(histograms.background, histograms, cell, weights, cells.background[cell]);
    }
  }
  return histograms;
}

// The trapezoidal rule: pairs inside a cell count half.
double binned_auc(std::span<const double> signal, std::span<const double> background) {
  double pairs = 0, n_signal = 0, n_background = 0;
  for (std::size_t cell = 0; cell < signal.size(); ++cell) {
    pairs += signal[cell] * (n_background + 0.5 * background[cell]);
    n_signal += signal[cell];
    n_background += background[cell];
  }
  return pairs / (n_signal * n_background);
}

std::vector<double> compute_aucs(const Histograms& histograms) {
  std::vector<double> values;
  for (std::size_t row = 0; row < histograms.n_rows; ++row) {
    const std::size_t first = row * histograms.n_cells;
    values.push_back(
        binned_auc(std::span(histograms.signal).subspan(first, histograms.n_cells),
                   std::span(histograms.background).subspan(first, histograms.n_cells)));
  }
  return values;
}

}  // namespace

std::vector<double> replica_aucs(const ScoredSample& sample, const Replicas& replicas, double auc) {
  const std::vector<SignalHit> signal = signal_hits_descending(sample);
  if (!can_be_resampled(sample, signal)) return {};
  std::vector<double> values =
      compute_aucs(fill_histograms(sample, replicas, choose_edges(signal)));
  // The last row is the sample as the histogram sees it. Its difference to the exact AUC is the
  // error of the binning, common to all replicas, and moves them back.
  const double shift = auc - values.back();
  values.pop_back();
  for (double& value : values) value = std::clamp(value + shift, 0.0, 1.0);
  return values;
}

Interval auc_interval(const ScoredSample& sample, const Replicas& replicas, double auc) {
  return central_interval(replica_aucs(sample, replicas, auc));
}

}  // namespace stationhit::metrics
