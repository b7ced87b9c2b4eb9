// Muons that fail a cut disappear with their truth links: their hits stay in the event and count as
// background, because the detector sees them all the same. The remaining muons are numbered anew.
#include <cassert>
#include <cmath>
#include <optional>
#include <vector>

#include <stationhit/data/selection.hpp>

namespace stationhit::data {
namespace {

std::vector<std::uint32_t> count_hits_per_muon(const core::Event& event) {
  std::vector<std::uint32_t> count(event.muons.size(), 0);
  for (const std::int8_t link : event.hits.truth_link) {
    if (link < 0) continue;
    assert(static_cast<std::size_t>(link) < count.size());
    ++count[static_cast<std::size_t>(link)];
  }
  return count;
}

std::optional<Cut> find_failed_cut(float pt, float eta, std::uint32_t n_hits,
                                   const SelectionConfig& config) {
  // Written as a negation, so that NaN fails.
  if (!(pt >= static_cast<float>(config.min_pt))) return Cut::pt;
  if (!(std::abs(eta) <= static_cast<float>(config.max_abs_eta))) return Cut::eta;
  if (n_hits < config.min_hits) return Cut::hits;
  return std::nullopt;
}

}  // namespace

std::string_view name(Cut cut) {
  constexpr std::array<std::string_view, 3> names{"pt", "eta", "hits"};
  return names[static_cast<std::size_t>(cut)];
}

SelectionResult apply_selection(core::Event& event, const SelectionConfig& config) {
  const std::vector<std::uint32_t> n_hits = count_hits_per_muon(event);
  std::vector<std::uint32_t> surviving;
  std::vector<std::int8_t> new_link(event.muons.size(), core::no_muon);
  SelectionResult result;
  result.muons_before = static_cast<std::uint32_t>(event.muons.size());
  for (std::uint32_t m = 0; m < event.muons.size(); ++m) {
    if (const auto cut =
            find_failed_cut(event.muons.pt[m], event.muons.eta[m], n_hits[m], config)) {
      ++result.muons_failing[static_cast<std::size_t>(*cut)];
      continue;
    }
    new_link[m] = static_cast<std::int8_t>(surviving.size());
    surviving.push_back(m);
    result.true_hits += n_hits[m];
  }
  result.muons_after = static_cast<std::uint32_t>(surviving.size());
  result.kept = result.muons_after > 0 || !config.drop_events_without_muon;
  if (result.muons_after == result.muons_before) return result;
  for (std::int8_t& link : event.hits.truth_link) {
    if (link >= 0) link = new_link[static_cast<std::size_t>(link)];
  }
  event.muons = core::gather(event.muons, surviving);
  return result;
}

}  // namespace stationhit::data
