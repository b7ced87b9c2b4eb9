#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/sample_statistics.hpp>

namespace stationhit::simulation {
namespace {

constexpr float min_pt = 5.0F, max_abs_eta = 2.7F;
constexpr std::uint32_t min_hits = 3;

std::vector<std::uint32_t> count_muon_hits(const core::Event& event) {
  std::vector<std::uint32_t> counts(event.muons.size(), 0);
  for (const std::int8_t link : event.hits.truth_link)
    if (link >= 0) ++counts[static_cast<std::size_t>(link)];
  return counts;
}

std::size_t technology_index(std::uint8_t code) {
  const auto found = std::find(core::technologies.begin(), core::technologies.end(), static_cast<core::Technology>(code));
  return static_cast<std::size_t>(found - core::technologies.begin());
}

class Table {
 public:
  Table() { text_ << std::left << std::setw(28) << "quantity" << std::right << std::setw(12) << "toy" << std::setw(12) << "published" << '\n'; }
  void row(const std::string& name, double value, double published, int digits) {
    text_ << std::left << std::setw(28) << name << std::right << std::fixed << std::setprecision(digits) << std::setw(12) << value << std::setw(12)
          << published << '\n';
  }
  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

}  // namespace

double Moments::sigma() const { return n_ > 0 ? std::sqrt(std::max(0.0, sum_of_squares_ / static_cast<double>(n_) - mean() * mean())) : 0; }

const PublishedStatistics& published_statistics() {
  static const PublishedStatistics values{
      6896, 1300, 40.2, 1.55, 25.9, 8.4, {4024, 314, 175, 1117, 1266}, {27.7, 5.5, 6.6, 0.20, 0.16}, {0.472, 0.503, 0.022, 0.002}};
  return values;
}

void SampleStatistics::add(const core::Event& event) {
  ++events;
  const std::vector<std::uint32_t> counts = count_muon_hits(event);
  std::vector<bool> kept(event.muons.size());
  for (std::size_t m = 0; m < kept.size(); ++m) {
    kept[m] = event.muons.pt[m] >= min_pt && std::abs(event.muons.eta[m]) <= max_abs_eta && counts[m] >= min_hits;
    muons_failing_pt += event.muons.pt[m] < min_pt ? 1U : 0U;
  }
  muons_before += kept.size();
  const auto n_kept = static_cast<std::size_t>(std::count(kept.begin(), kept.end(), true));
  if (n_kept == 0) return;
  ++kept_events;
  ++events_with_muons[std::min<std::size_t>(n_kept, events_with_muons.size() - 1)];
  muons.add(static_cast<double>(n_kept));
  for (std::size_t m = 0; m < kept.size(); ++m)
    if (kept[m]) hits_per_muon.add(counts[m]);

  std::array<std::uint64_t, 6> all{}, of_muons{};  // the last one: technologies that are not of Run 4
  for (std::size_t i = 0; i < event.hits.size(); ++i) {
    const std::size_t t = technology_index(event.hits.technology[i]);
    ++all[t];
    const std::int8_t link = event.hits.truth_link[i];
    if (link >= 0 && kept[static_cast<std::size_t>(link)]) ++of_muons[t];
  }
  std::uint64_t sum_of_muons = 0;
  for (std::size_t t = 0; t < technology_hits.size(); ++t) {
    technology_hits[t].add(static_cast<double>(all[t]));
    technology_true_hits[t].add(static_cast<double>(of_muons[t]));
    sum_of_muons += of_muons[t];
  }
  hits.add(static_cast<double>(event.hits.size()));
  true_hits.add(static_cast<double>(sum_of_muons));
}

std::string SampleStatistics::table() const {
  const PublishedStatistics& published = published_statistics();
  Table table;
  table.row("hits / event", hits.mean(), published.hits, 1);
  table.row("  sigma", hits.sigma(), published.hits_sigma, 1);
  table.row("true hits / event", true_hits.mean(), published.true_hits, 2);
  for (std::size_t t = 0; t < core::technologies.size(); ++t) {
    const std::string technology(core::name(core::technologies[t]));
    table.row(technology + " hits / event", technology_hits[t].mean(), published.technology_hits[t], 1);
    table.row(technology + " true hits / event", technology_true_hits[t].mean(), published.technology_true_hits[t], 2);
  }
  table.row("muons / event", muons.mean(), published.muons, 3);
  for (std::size_t n = 1; n < events_with_muons.size(); ++n) {
    const double share = kept_events > 0 ? static_cast<double>(events_with_muons[n]) / static_cast<double>(kept_events) : 0;
    table.row("  events with " + std::to_string(n) + " in %", 100 * share, 100 * published.muon_shares[n - 1], 1);
  }
  table.row("hits / muon", hits_per_muon.mean(), published.hits_per_muon, 2);
  table.row("  sigma", hits_per_muon.sigma(), published.hits_per_muon_sigma, 2);
  std::ostringstream footer;
  footer << kept_events << " of " << events << " events have a muon after the cuts; before the cuts " << muons_before << " muons, "
         << muons_failing_pt << " of them below 5 GeV\n";
  return table.text() + footer.str();
}

}  // namespace stationhit::simulation
