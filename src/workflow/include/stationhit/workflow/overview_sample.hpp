// What the overview figures of a sample count.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <stationhit/core/technology.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/simulation/distribution.hpp>

namespace stationhit::workflow {

// Entries in bins of equal width, of signal and background hits apart.
class HitHistogram {
 public:
  // At least two edges, ascending, at equal distances.
  explicit HitHistogram(std::vector<double> edges);
  void add(double value, bool is_signal);

  [[nodiscard]] const std::vector<double>& edges() const { return edges_; }
  // [edges - 1]
  [[nodiscard]] const std::vector<std::uint64_t>& entries(bool is_signal) const {
    return entries_[is_signal ? 1 : 0];
  }
  // All values that were added, also those outside of the bins.
  [[nodiscard]] std::uint64_t total(bool is_signal) const { return totals_[is_signal ? 1 : 0]; }

 private:
  std::vector<double> edges_;
  std::array<std::vector<std::uint64_t>, 2> entries_;
  std::array<std::uint64_t, 2> totals_{};
};

// Edges for these values: one bin per whole number where all are whole and few, else at most 60
// bins between the 0.1 % and 99.9 % quantiles. Values that are not finite do not count.
[[nodiscard]] std::vector<double> choose_edges(std::vector<float> values);

// A hit in several buckets counts once, with the features of its first node.
class OverviewSample {
 public:
  static constexpr std::size_t n_technologies = core::technologies.size();
  static constexpr std::size_t n_layers = 7;  // station layers, without unknown
  static constexpr std::size_t eta_bins = 54, phi_bins = 32;
  static constexpr double eta_range = 2.7;  // the bins are between - and + this
  // Hits stand in the middle of their sector, at multiples of pi / 8, so these are no edges of
  // bins.
  static constexpr double phi_low = -std::numbers::pi * (1 + 1.0 / phi_bins);
  static constexpr double phi_high = phi_low + 2 * std::numbers::pi;
  // [station layer][technology][bin] hits
  template <std::size_t n_bins>
  using Occupancy =
      std::array<std::array<std::array<std::uint64_t, n_bins>, n_technologies>, n_layers>;

  // [bin of eta][bin of phi] hits
  using Map = std::array<std::array<std::uint64_t, phi_bins>, eta_bins>;

  // Takes the event; all have the same features.
  void add(features::LabeledEvent event);
  // To be called after the last event: the bins of the features follow from the first ones.
  void finish();

  [[nodiscard]] std::uint64_t events() const { return hits_.count(); }
  [[nodiscard]] const simulation::Distribution& hits() const { return hits_; }
  [[nodiscard]] const simulation::Distribution& muons() const { return muons_; }
  [[nodiscard]] const simulation::Distribution& hits_per_muon() const { return hits_per_muon_; }
  // Hits per event by mcChannelNumber.
  [[nodiscard]] const std::map<std::uint32_t, simulation::Distribution>& hits_by_process() const {
    return hits_by_process_;
  }
  // In the order of core::technologies.
  [[nodiscard]] const std::array<std::uint64_t, n_technologies>& technology_hits() const {
    return technology_hits_;
  }
  [[nodiscard]] const std::array<std::uint64_t, n_technologies>& technology_signal() const {
    return technology_signal_;
  }
  [[nodiscard]] const std::vector<std::string>& features() const { return features_; }
  [[nodiscard]] const std::vector<HitHistogram>& feature_histograms() const { return histograms_; }
  // One for each technology with hits; empty without the feature time.
  [[nodiscard]] const std::map<core::Technology, HitHistogram>& times() const { return times_; }
  // Without the features eta and phi, or without the places of the hits, all 0.
  [[nodiscard]] const Occupancy<eta_bins>& by_eta() const { return by_eta_; }
  [[nodiscard]] const Occupancy<phi_bins>& by_phi() const { return by_phi_; }
  // Of all hits, also those of unknown stations.
  [[nodiscard]] const Map& by_eta_and_phi() const { return by_eta_and_phi_; }
  [[nodiscard]] bool has_occupancy() const { return has_occupancy_; }

 private:
  void count(const core::EventTruth& truth);
  void choose_bins();
  void fill(const features::LabeledEvent& event);
  void fill_occupancy(const core::EventTruth& truth, std::size_t hit, float eta, float phi);
  // Column of the feature, or the number of features.
  [[nodiscard]] std::size_t column(const std::string& feature) const;

  std::vector<features::LabeledEvent> first_events_;  // until the bins are chosen
  simulation::Distribution hits_, muons_, hits_per_muon_;
  std::map<std::uint32_t, simulation::Distribution> hits_by_process_;
  std::array<std::uint64_t, n_technologies> technology_hits_{}, technology_signal_{};
  std::vector<std::string> features_;
  std::vector<HitHistogram> histograms_;
  std::map<core::Technology, HitHistogram> times_;
  Occupancy<eta_bins> by_eta_{};
  Occupancy<phi_bins> by_phi_{};
  Map by_eta_and_phi_{};
  bool has_occupancy_ = false;
};

}  // namespace stationhit::workflow
