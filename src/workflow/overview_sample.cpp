// The bins of a feature are not known before some of its values are. The first events are therefore
// kept until there are enough of them; all others are counted as they come.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/overview_sample.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::size_t events_for_bins = 20;
constexpr std::size_t most_bins = 60, most_whole_numbers = 100;

// Calls visit(node) for the first node of every hit.
template <class Visitor>
void for_each_hit(const features::LabeledEvent& event, Visitor&& visit) {
  std::vector<std::uint8_t> seen(event.truth.n_hits(), 0);
  const auto& hits = event.inputs.nodes.hit;
  for (std::size_t node = 0; node < hits.size(); ++node)
    if (std::exchange(seen[hits[node]], std::uint8_t{1}) == 0) visit(node);
}

std::optional<std::size_t> place_of(std::uint8_t technology) {
  const auto found =
      std::ranges::find(core::technologies, static_cast<core::Technology>(technology));
  if (found == core::technologies.end()) return std::nullopt;
  return static_cast<std::size_t>(found - core::technologies.begin());
}

std::optional<std::size_t> bin_of(double value, double low, double high, std::size_t n_bins) {
  if (!(value >= low && value < high)) return std::nullopt;
  const double bin = (value - low) / (high - low) * static_cast<double>(n_bins);
  return std::min(static_cast<std::size_t>(bin), n_bins - 1);
}

std::vector<double> whole_number_edges(double low, double high) {
  std::vector<double> edges;
  for (double edge = low - 0.5; edge < high + 1; edge += 1) edges.push_back(edge);
  return edges;
}

}  // namespace

HitHistogram::HitHistogram(std::vector<double> edges) : edges_(std::move(edges)) {
  for (auto& entries : entries_) entries.resize(edges_.size() - 1);
}

void HitHistogram::add(double value, bool is_signal) {
  const std::size_t kind = is_signal ? 1 : 0;
  ++totals_[kind];
  if (const auto bin = bin_of(value, edges_.front(), edges_.back(), edges_.size() - 1))
    ++entries_[kind][*bin];
}

std::vector<double> choose_edges(std::vector<float> values) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return {0, 1};
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const auto last = static_cast<double>(values.size() - 1);
    return static_cast<double>(values[static_cast<std::size_t>(std::lround(share * last))]);
  };
  const bool are_whole =
      std::ranges::all_of(values, [](float value) { return value == std::trunc(value); });
  if (are_whole && at(1) - at(0) < static_cast<double>(most_whole_numbers))
    return whole_number_edges(at(0), at(1));
  if (at(0.999) > at(0.001)) return plots::round_edges(at(0.001), at(0.999), most_bins);
  return plots::round_edges(at(0), std::max(at(1), at(0) + 1e-6), most_bins);
}

void OverviewSample::add(features::LabeledEvent event) {
  count(event.truth);
  if (!histograms_.empty()) return fill(event);
  first_events_.push_back(std::move(event));
  if (first_events_.size() == events_for_bins) finish();
}

void OverviewSample::finish() {
  if (first_events_.empty()) return;
  choose_bins();
  for (const features::LabeledEvent& event : first_events_) fill(event);
  first_events_ = {};
}

void OverviewSample::count(const core::EventTruth& truth) {
  const auto n_hits = static_cast<std::uint32_t>(truth.n_hits());
  hits_.add(n_hits);
  hits_by_process_[truth.mc_channel_number].add(n_hits);
  muons_.add(static_cast<std::uint32_t>(truth.muon_pt.size()));
  std::vector<std::uint32_t> of_muon(truth.muon_pt.size(), 0);
  for (std::size_t hit = 0; hit < truth.n_hits(); ++hit) {
    const std::int8_t link = truth.truth_link[hit];
    if (link >= 0) ++of_muon[static_cast<std::size_t>(link)];
    const auto technology = place_of(truth.technology[hit]);
    if (!technology) continue;
    ++technology_hits_[*technology];
    technology_signal_[*technology] += link >= 0 ? 1 : 0;
  }
  for (const std::uint32_t n : of_muon) hits_per_muon_.add(n);
}

std::size_t OverviewSample::column(const std::string& feature) const {
  return static_cast<std::size_t>(std::ranges::find(features_, feature) - features_.begin());
}

void OverviewSample::choose_bins() {
  features_ = first_events_.front().inputs.features.names;
  const std::size_t n_features = features_.size(), time = column("time");
  std::vector<std::vector<float>> values(n_features);
  std::map<core::Technology, std::vector<float>> times;
  for (const features::LabeledEvent& event : first_events_) {
    for_each_hit(event, [&](std::size_t node) {
      const float* row = event.inputs.features.values.data() + node * n_features;
      for (std::size_t f = 0; f < n_features; ++f) values[f].push_back(row[f]);
      const std::uint8_t technology = event.truth.technology[event.inputs.nodes.hit[node]];
      if (time < n_features && place_of(technology))
        times[static_cast<core::Technology>(technology)].push_back(row[time]);
    });
  }
  for (auto& of_feature : values) histograms_.emplace_back(choose_edges(std::move(of_feature)));
  for (auto& [technology, of_technology] : times)
    times_.emplace(technology, HitHistogram(choose_edges(std::move(of_technology))));
  has_occupancy_ = column("eta") < n_features && column("phi") < n_features &&
                   first_events_.front().truth.has_places();
}

void OverviewSample::fill(const features::LabeledEvent& event) {
  const std::size_t n_features = features_.size(), time = column("time"), eta = column("eta"),
                    phi = column("phi");
  for_each_hit(event, [&](std::size_t node) {
    const float* row = event.inputs.features.values.data() + node * n_features;
    const std::size_t hit = event.inputs.nodes.hit[node];
    const bool is_signal = event.labels[node] != 0;
    for (std::size_t f = 0; f < n_features; ++f)
      histograms_[f].add(static_cast<double>(row[f]), is_signal);
    const auto of = times_.find(static_cast<core::Technology>(event.truth.technology[hit]));
    if (time < n_features && of != times_.end())
      of->second.add(static_cast<double>(row[time]), is_signal);
    if (has_occupancy_) fill_occupancy(event.truth, hit, row[eta], row[phi]);
  });
}

void OverviewSample::fill_occupancy(const core::EventTruth& truth, std::size_t hit, float eta,
                                    float phi) {
  const double angle = static_cast<double>(phi);
  const auto eta_bin = bin_of(static_cast<double>(eta), -eta_range, eta_range, eta_bins),
             phi_bin = bin_of(angle < phi_high ? angle : angle - 2 * std::numbers::pi, phi_low,
                              phi_high, phi_bins);
  if (eta_bin && phi_bin) ++by_eta_and_phi_[*eta_bin][*phi_bin];
  const auto layer = static_cast<std::size_t>(core::station_layer(truth.station_index[hit]));
  const auto technology = place_of(truth.technology[hit]);
  if (layer >= n_layers || !technology) return;
  if (eta_bin) ++by_eta_[layer][*technology][*eta_bin];
  if (phi_bin) ++by_phi_[layer][*technology][*phi_bin];
}

}  // namespace stationhit::workflow
