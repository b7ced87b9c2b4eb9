#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/technology.hpp>
#include <stationhit/workflow/event_display.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

std::map<std::string, plots::Figure> displays(const core::Event& event) {
  std::map<std::string, plots::Figure> figures;
  for (plots::Figure& figure : make_event_display(event)) figures[figure.stem] = std::move(figure);
  return figures;
}

std::size_t count_hits(const plots::Figure& figure) {
  std::size_t hits = 0;
  for (const plots::Series& series : figure.series) hits += series.x_low.size();
  return hits;
}

TEST(EventDisplay, HasEveryHitOnceInEachProjection) {
  const core::Event event = selected_event(4);
  const auto figures = displays(event);
  ASSERT_EQ(figures.size(), 4U);
  EXPECT_EQ(count_hits(figures.at("event_zy")), event.hits.size());
  EXPECT_EQ(count_hits(figures.at("event_zx")), event.hits.size());
  EXPECT_EQ(count_hits(figures.at("event_xy_barrel")) + count_hits(figures.at("event_xy_end_cap")),
            event.hits.size());
  EXPECT_GT(count_hits(figures.at("event_xy_barrel")), 0U);
  EXPECT_GT(count_hits(figures.at("event_xy_end_cap")), 0U);
}

TEST(EventDisplay, BackgroundComesFirstAndEveryMuonHasASeries) {
  const core::Event event = selected_event(4);
  const plots::Figure figure = displays(event).at("event_zy");
  ASSERT_EQ(figure.series.size(), 3U);
  EXPECT_EQ(figure.series[0].label, "Background");
  EXPECT_EQ(figure.series[0].x_low.size(), 52U);
  EXPECT_EQ(figure.series[1].label, "p_{T} = 20.0 GeV, #eta = 0.50");
  EXPECT_EQ(figure.series[1].x_low.size(), 5U);
  EXPECT_EQ(figure.series[2].x_low.size(), 3U);
  EXPECT_NE(figure.series[1].color, figure.series[2].color);
  EXPECT_EQ(figure.notes, std::vector<std::string>{"Event 4, 60 hits"});
}

TEST(EventDisplay, HitsThatACutRejectedAreSeriesOfTheirOwn) {
  const core::Event event = selected_event(4);
  DisplayedCut cut{.name = "working point 0.99"};
  for (std::size_t hit = 0; hit < event.hits.size(); ++hit)
    cut.kept.push_back(hit % 2 == 0 ? 1 : 0);
  for (const plots::Figure& figure : make_event_display(event, cut)) {
    if (figure.stem != "event_zy") continue;
    EXPECT_EQ(count_hits(figure), event.hits.size());
    std::vector<std::string> labels;
    for (const plots::Series& series : figure.series) labels.push_back(series.label);
    EXPECT_EQ(labels.front(), "Background, rejected by the cut");
    EXPECT_EQ(labels[1], "Background, kept");
    EXPECT_EQ(labels[2], "p_{T} = 20.0 GeV, #eta = 0.50, kept");
    EXPECT_EQ(labels.back(), "Signal hits, rejected by the cut");
    EXPECT_EQ(figure.notes[1], "30 kept by the cut at working point 0.99");
  }
  cut.kept.clear();
  EXPECT_EQ(make_event_display(event, cut)[0].notes[1],
            "Only the hits kept by the cut at working point 0.99");
}

TEST(EventDisplay, UnitsAreEquallyLong) {
  for (const plots::Figure& figure : make_event_display(selected_event(4)))
    EXPECT_EQ(figure.unit_lengths, plots::UnitLengths::equal) << figure.stem;
}

TEST(EventDisplay, AHitIsTheElementFromItsLowToItsHighEdgeInMeters) {
  core::Event event = selected_event(4);
  event.hits.edge_low_z[0] = -1500;
  event.hits.edge_high_z[0] = 2500;
  event.hits.edge_low_y[0] = 3000;
  event.hits.edge_high_y[0] = 5000;
  const plots::Series muon = displays(event).at("event_zy").series[1];
  EXPECT_EQ(muon.draw, plots::Draw::segments);
  EXPECT_DOUBLE_EQ(muon.x_low[0], -1.5);
  EXPECT_DOUBLE_EQ(muon.x_high[0], 2.5);
  EXPECT_DOUBLE_EQ(muon.y_low[0], 3);
  EXPECT_DOUBLE_EQ(muon.y_high[0], 5);
  EXPECT_DOUBLE_EQ(muon.y[0], 4);
}

}  // namespace
}  // namespace stationhit::workflow
