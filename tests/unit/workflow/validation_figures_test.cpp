#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/validation.hpp>
#include <stationhit/workflow/validation_figures.hpp>

namespace stationhit::workflow {
namespace {

// Thirty events at low pile-up, and their figures by file name.
class ValidationFigures : public testing::Test {
 protected:
  ValidationFigures() {
    simulation::SimulationConfig config;
    config.mu = 1;
    const simulation::Simulator simulator(config);
    simulation::generate_events(
        simulator, simulation::make_hard_events(config, simulator), 0, 30, 1,
        [&](const simulation::SimulatedEvent& event) { sample.add(event); });
    for (plots::Figure& figure : make_validation_figures(sample, simulator.detector()))
      figures[figure.stem] = std::move(figure);
  }

  static double sum(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  }

  ValidationSample sample;
  std::map<std::string, plots::Figure> figures;
};

TEST_F(ValidationFigures, AllHaveTheirNameAndSeriesOfOneLength) {
  EXPECT_EQ(figures.size(), 11U);
  for (const char* stem : {"hits_per_event", "hits_per_muon", "muons_per_event", "technology_hits",
                           "technology_true_hits", "drift_radius", "rate_by_eta",
                           "background_origins", "muon_pt", "muon_eta", "muon_phi"})
    EXPECT_TRUE(figures.contains(stem)) << stem;
  for (const auto& [stem, figure] : figures) {
    for (const plots::Series& series : figure.series) {
      EXPECT_EQ(series.x_low.size(), series.x_high.size()) << stem;
      EXPECT_EQ(series.y.size(), series.x.empty() ? series.x_low.size() : series.x.size()) << stem;
    }
  }
}

TEST_F(ValidationFigures, HistogramsHaveEveryEventAndMuonOnce) {
  const auto events = static_cast<double>(sample.statistics().kept_events());
  const auto muons = static_cast<double>(sample.muons().size());
  EXPECT_EQ(sum(figures["hits_per_event"].series[0].n), events);
  EXPECT_NEAR(sum(figures["hits_per_event"].series[0].y), 1, 1e-12);
  EXPECT_EQ(sum(figures["hits_per_muon"].series[0].n), muons);
  EXPECT_EQ(sum(figures["muon_eta"].series[0].n), muons);
  EXPECT_EQ(sum(figures["muon_phi"].series[0].n), muons);
  EXPECT_NEAR(sum(figures["drift_radius"].series[0].y), 1, 1e-12);
}

TEST_F(ValidationFigures, BinsOfWholeNumbersEndBetweenThem) {
  const plots::Series& series = figures["hits_per_event"].series[0];
  for (std::size_t bin = 0; bin < series.y.size(); ++bin) {
    EXPECT_EQ(series.x_high[bin] - series.x_low[bin], 250);
    EXPECT_EQ(std::fmod(series.x_low[bin] + 0.5, 250), 0);
  }
}

TEST_F(ValidationFigures, TechnologiesAreTheMeansBesideThePublishedOnes) {
  const plots::Figure& figure = figures["technology_hits"];
  ASSERT_EQ(figure.series.size(), 2U);
  ASSERT_EQ(figure.categories.size(), core::technologies.size());
  for (std::size_t t = 0; t < core::technologies.size(); ++t) {
    EXPECT_EQ(figure.categories[t], core::name(core::technologies[t]));
    EXPECT_EQ(figure.series[0].y[t], sample.statistics().technology_hits[t].mean());
    EXPECT_EQ(figure.series[1].y[t], simulation::published_statistics().technology_hits[t]);
  }
}

TEST_F(ValidationFigures, OriginsAreTheCountsOfTheTruth) {
  const plots::Figure& figure = figures["background_origins"];
  for (std::size_t o = 0; o < simulation::n_origins; ++o) {
    EXPECT_EQ(figure.series[0].n[o], static_cast<double>(sample.structure().background_hits[o]));
    EXPECT_EQ(figure.series[1].n[o], static_cast<double>(sample.structure().muon_like_hits[o]));
  }
}

}  // namespace
}  // namespace stationhit::workflow
