#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/data/selection.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/workflow/validation_sample.hpp>

namespace stationhit::workflow {
namespace {

class ValidationSampleOfEvents : public testing::Test {
 protected:
  ValidationSampleOfEvents() {
    simulation::SimulationConfig config;
    config.mu = 1;
    const simulation::Simulator simulator(config);
    simulation::generate_events(simulator, simulation::make_hard_events(config, simulator), 0, 60,
                                1, [&](const simulation::SimulatedEvent& event) {
                                  events.push_back(event.event);
                                  sample.add(event);
                                });
  }

  std::vector<core::Event> events;
  ValidationSample sample;
};

TEST_F(ValidationSampleOfEvents, CountsWhatTheCutsOfThePreparationKeep) {
  std::uint64_t kept = 0, hits = 0, muons = 0, muons_before = 0;
  std::vector<float> pt;
  for (core::Event event : events) {
    muons_before += event.muons.size();
    if (!data::apply_selection(event, {}).kept) continue;
    ++kept;
    hits += event.hits.size();
    muons += event.muons.size();
    pt.insert(pt.end(), event.muons.pt.begin(), event.muons.pt.end());
  }
  const simulation::SampleStatistics& statistics = sample.statistics();
  EXPECT_EQ(statistics.events, 60U);
  EXPECT_EQ(statistics.muons_before, muons_before);
  EXPECT_EQ(statistics.kept_events(), kept);
  EXPECT_NEAR(statistics.hits.mean() * static_cast<double>(kept), static_cast<double>(hits), 1e-6);
  EXPECT_EQ(statistics.hits_per_muon.count(), muons);
  EXPECT_EQ(sample.structure().events, kept);
  EXPECT_EQ(sample.muons().pt, pt);
}

TEST_F(ValidationSampleOfEvents, ShowsTheFirstEventWithAMuonInTheBarrelAndOneInTheEndCap) {
  std::optional<core::Event> expected;
  for (core::Event event : events) {
    if (!data::apply_selection(event, {}).kept || event.muons.size() != 2) continue;
    const float a = std::abs(event.muons.eta[0]), b = std::abs(event.muons.eta[1]);
    if (std::min(a, b) >= 0.9F || std::max(a, b) <= 1.3F) continue;
    expected = event;
    break;
  }
  EXPECT_EQ(sample.display_event(), expected);
}

TEST(BackgroundName, MuonsAreThoseThatTheCutsRemove) {
  EXPECT_EQ(background_name(simulation::Origin::muon), "muon failing the cuts");
  EXPECT_EQ(background_name(static_cast<simulation::Origin>(1)),
            simulation::name(static_cast<simulation::Origin>(1)));
}

TEST(SelectForStatistics, AnEventWithoutAMuonThatPassesIsCountedOnly) {
  simulation::SampleStatistics statistics;
  core::Event event;
  core::resize(event.muons, 1);
  event.muons.pt = {1.0F};
  EXPECT_FALSE(select_for_statistics(event, statistics));
  EXPECT_EQ(statistics.events, 1U);
  EXPECT_EQ(statistics.muons_before, 1U);
  EXPECT_EQ(statistics.muons_failing_pt, 1U);
  EXPECT_EQ(statistics.kept_events(), 0U);
}

}  // namespace
}  // namespace stationhit::workflow
