// One pass over the hits of a selected event fills distributions per event, per muon and per
// technology. They are exact (see distribution.cpp), so samples of any size can be compared with
// published numbers.
#include <algorithm>
#include <vector>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/sample_statistics.hpp>

namespace stationhit::simulation {
namespace {

std::size_t technology_index(std::uint8_t code) {
  const auto found = std::find(core::technologies.begin(), core::technologies.end(),
                               static_cast<core::Technology>(code));
  return static_cast<std::size_t>(found - core::technologies.begin());
}

}  // namespace

void SampleStatistics::add_before(std::uint64_t n_muons, std::uint64_t n_failing_pt) {
  ++events;
  muons_before += n_muons;
  muons_failing_pt += n_failing_pt;
}

void SampleStatistics::add(const core::Event& selected) {
  std::vector<std::uint32_t> of_muon(selected.muons.size(), 0);
  std::array<std::uint32_t, 6> all{},
      of_muons{};  // the last one: technologies that are not of Run 4
  std::uint32_t n_true = 0;
  for (std::size_t i = 0; i < selected.hits.technology.size(); ++i) {
    const std::size_t t = technology_index(selected.hits.technology[i]);
    ++all[t];
    const std::int8_t link = selected.hits.truth_link[i];
    if (link < 0) continue;
    ++of_muon[static_cast<std::size_t>(link)];
    ++of_muons[t];
    ++n_true;
  }
  hits.add(static_cast<std::uint32_t>(selected.hits.technology.size()));
  true_hits.add(n_true);
  muons.add(static_cast<std::uint32_t>(of_muon.size()));
  for (const std::uint32_t count : of_muon) hits_per_muon.add(count);
  for (std::size_t t = 0; t < technology_hits.size(); ++t) {
    technology_hits[t].add(all[t]);
    technology_true_hits[t].add(of_muons[t]);
  }
}

}  // namespace stationhit::simulation
