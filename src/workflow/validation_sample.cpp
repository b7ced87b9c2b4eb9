#include <algorithm>
#include <cmath>
#include <utility>

#include <stationhit/data/selection.hpp>
#include <stationhit/workflow/validation_sample.hpp>

namespace stationhit::workflow {
namespace {

constexpr float barrel_end = 0.9F, end_cap_begin = 1.3F;  // |eta|

bool shows_barrel_and_end_cap(const core::MuonTable& muons) {
  if (muons.size() != 2) return false;
  const float a = std::abs(muons.eta[0]), b = std::abs(muons.eta[1]);
  return std::min(a, b) < barrel_end && std::max(a, b) > end_cap_begin;
}

}  // namespace

std::string background_name(simulation::Origin origin) {
  return origin == simulation::Origin::muon ? "muon failing the cuts"
                                            : std::string(simulation::name(origin));
}

std::optional<core::Event> select_for_statistics(const core::Event& event,
                                                 simulation::SampleStatistics& statistics) {
  core::Event selected;
  selected.muons = event.muons;
  selected.hits.technology = event.hits.technology;
  selected.hits.truth_link = event.hits.truth_link;
  const data::SelectionResult result = data::apply_selection(selected, {});
  statistics.add_before(result.muons_before,
                        result.muons_failing[static_cast<std::size_t>(data::Cut::pt)]);
  if (!result.kept) return std::nullopt;
  statistics.add(selected);
  return selected;
}

void ValidationSample::add(const simulation::SimulatedEvent& event) {
  std::optional<core::Event> selected = select_for_statistics(event.event, statistics_);
  if (!selected) return;
  structure_.add(event, selected->hits.truth_link);
  segments_.add(event, selected->hits.truth_link);
  core::for_each_muon_column([&](const char*, auto member) {
    (muons_.*member)
        .insert((muons_.*member).end(), (selected->muons.*member).begin(),
                (selected->muons.*member).end());
  });
  if (display_event_ || !shows_barrel_and_end_cap(selected->muons)) return;
  display_event_ = event.event;
  display_event_->muons = std::move(selected->muons);
  display_event_->hits.truth_link = std::move(selected->hits.truth_link);
}

}  // namespace stationhit::workflow
