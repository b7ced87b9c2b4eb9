#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/data/selection.hpp>

namespace stationhit::data {
namespace {

struct ToyMuon {
  float pt;
  float eta;
};

core::Event make_event(const std::vector<ToyMuon>& muons, const std::vector<std::int8_t>& links) {
  core::Event event;
  core::resize(event.muons, muons.size());
  for (std::size_t m = 0; m < muons.size(); ++m) {
    event.muons.pt[m] = muons[m].pt;
    event.muons.eta[m] = muons[m].eta;
    event.muons.q[m] = static_cast<std::int32_t>(m);
  }
  core::resize(event.hits, links.size());
  event.hits.truth_link = links;
  return event;
}

using Links = std::vector<std::int8_t>;

TEST(Selection, KeepsMuonsExactlyAtTheCuts) {
  core::Event event = make_event({{5.0F, 2.7F}, {5.0F, -2.7F}}, {0, 0, 0, 1, 1, 1, -1});
  const SelectionResult result = apply_selection(event, {});
  EXPECT_TRUE(result.kept);
  EXPECT_EQ(result.muons_after, 2U);
  EXPECT_EQ(result.true_hits, 6U);
  EXPECT_EQ(event.hits.truth_link, (Links{0, 0, 0, 1, 1, 1, -1}));
}

TEST(Selection, FailsJustBeyondTheEtaCut) {
  core::Event event =
      make_event({{5.0F, 2.7F}, {5.0F, std::nextafter(2.7F, 3.0F)}}, {0, 0, 0, 1, 1, 1});
  EXPECT_EQ(apply_selection(event, {}).muons_after, 1U);
}

TEST(Selection, RemovesFailingMuonsAndRenumbersTheOthers) {
  core::Event event =
      make_event({{4.999F, 0.0F}, {20.0F, 0.5F}, {30.0F, 2.8F}, {40.0F, -1.0F}, {50.0F, 0.1F}},
                 {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, -1});
  const SelectionResult result = apply_selection(event, {});
  EXPECT_TRUE(result.kept);
  EXPECT_EQ(result.muons_before, 5U);
  EXPECT_EQ(result.muons_after, 2U);
  EXPECT_EQ(result.true_hits, 7U);
  EXPECT_EQ(result.muons_failing, (std::array<std::uint32_t, 3>{1, 1, 1}));
  EXPECT_EQ(event.hits.truth_link,
            (Links{-1, -1, -1, 0, 0, 0, -1, -1, -1, -1, -1, 1, 1, 1, 1, -1}));
  EXPECT_EQ(event.muons.q, (std::vector<std::int32_t>{1, 4}));
  EXPECT_EQ(event.hits.size(), 16U);
}

TEST(Selection, DropsEventsWithoutSurvivingMuon) {
  core::Event failing = make_event({{20.0F, 0.0F}}, {0, 0, -1});
  EXPECT_FALSE(apply_selection(failing, {}).kept);
  EXPECT_EQ(failing.hits.truth_link, (Links{-1, -1, -1}));
  core::Event no_muons = make_event({}, {-1});
  EXPECT_FALSE(apply_selection(no_muons, {}).kept);
  core::Event empty;
  EXPECT_FALSE(apply_selection(empty, {}).kept);
}

TEST(Selection, KeepsEventsWithoutMuonIfAsked) {
  core::Event event = make_event({{1.0F, 0.0F}}, {0, 0, 0});
  SelectionConfig config;
  config.drop_events_without_muon = false;
  const SelectionResult result = apply_selection(event, config);
  EXPECT_TRUE(result.kept);
  EXPECT_EQ(result.muons_after, 0U);
  EXPECT_EQ(event.hits.truth_link, (Links{-1, -1, -1}));
}

TEST(Selection, NaNFails) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  core::Event event = make_event({{nan, 0.0F}, {20.0F, nan}}, {0, 0, 0, 1, 1, 1});
  EXPECT_EQ(apply_selection(event, {}).muons_failing, (std::array<std::uint32_t, 3>{1, 1, 0}));
}

}  // namespace
}  // namespace stationhit::data
