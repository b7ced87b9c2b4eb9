#include <functional>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/data/implausible_values.hpp>

namespace stationhit::data {
namespace {

ImplausibleCounts count(const core::Event& event) {
  ImplausibleCounts counts;
  add_implausible(event, counts);
  return counts;
}

std::string warning_of(const ImplausibleCounts& counts) {
  std::string log;
  warn_of_implausible(
      counts, "a.root",
      core::Logger([&](core::LogLevel, const std::string& message) { log += message; }));
  return log;
}

TEST(ImplausibleValues, OrdinaryEventsHaveNone) {
  EXPECT_TRUE(count(test::random_event(1, 500, 2)).empty());
  EXPECT_TRUE(count(core::Event{}).empty());
  EXPECT_EQ(warning_of({}), "");
}

TEST(ImplausibleValues, EveryRuleCounts) {
  const std::map<std::string, std::function<void(core::Event&)>> damages{
      {"hits beyond 50 m", [](auto& e) { e.hits.glob_z[3] = -1e30F; }},
      {"hits of an unknown technology", [](auto& e) { e.hits.technology[3] = 6; }},
      {"hits with a drift radius outside of 0 to 50 mm",
       [](auto& e) { e.hits.drift_r[3] = -0.1F; }},
      {"hits with a negative variance", [](auto& e) { e.hits.cov_yy[3] = -1.0F; }},
      {"hits of chambers that do not exist", [](auto& e) { e.hits.station_phi[3] = 0; }},
      {"muons with pT outside of 0 to 10 TeV", [](auto& e) { e.muons.pt[0] = 1e6F; }},
      {"buckets with xMin > xMax",
       [](auto& e) { std::swap(e.buckets.x_min[0], e.buckets.x_max[0]); }},
      {"events with hits whose buckets are all empty", [](auto& e) {
         e.buckets.hits.clear();
         e.buckets.offsets.assign(e.buckets.size() + 1, 0);
       }}};
  for (const auto& [what, damage] : damages) {
    core::Event event = test::random_event(2, 300, 2);
    damage(event);
    EXPECT_EQ(count(event), (ImplausibleCounts{{what, 1}}));
  }
}

TEST(ImplausibleValues, AddUp) {
  core::Event event = test::random_event(2, 300, 2);
  event.hits.technology[0] = event.hits.technology[1] = 77;
  event.muons.pt[0] = -1.0F;
  ImplausibleCounts counts = count(event);
  add_implausible(event, counts);
  add_implausible(ImplausibleCounts{{"hits beyond 50 m", 1}}, counts);
  EXPECT_EQ(
      warning_of(counts),
      "a.root: implausible values: 1 hits beyond 50 m, 4 hits of an unknown technology, 2 "
      "muons with pT outside of 0 to 10 TeV; check what was read, which may be damaged or use "
      "other conventions");
}

}  // namespace
}  // namespace stationhit::data
