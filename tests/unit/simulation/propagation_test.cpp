#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include <stationhit/simulation/propagation.hpp>

namespace stationhit::simulation {
namespace {

PropagationConfig without_scattering() {
  PropagationConfig config;
  config.scattering = config.energy_loss_spread = 0;
  return config;
}

Trajectory propagate(const PropagationConfig& config, const TruthMuon& muon) {
  Random random(0, 0, Stream::propagation);
  return Propagation(config)(muon, random);
}

double final_theta(const TruthMuon& muon) {
  return propagate(without_scattering(), muon).points().back().theta;
}

double theta(double eta) { return 2 * std::atan(std::exp(-eta)); }

TEST(Propagation, TheBendFlipsWithTheChargeAndFallsWithTheMomentum) {
  for (const double eta : {-1.9, -0.5, 0.3, 0.8, 1.7, 2.2}) {
    const double plus = final_theta({20, eta, 0, 1}) - theta(eta),
                 minus = final_theta({20, eta, 0, -1}) - theta(eta);
    EXPECT_LT(plus, -0.005) << "a positive muon turns to +z, eta " << eta;
    EXPECT_NEAR(minus, -plus, 0.15 * std::abs(plus)) << eta;
    EXPECT_LT(std::abs(final_theta({40, eta, 0, 1}) - theta(eta)), 0.6 * std::abs(plus)) << eta;
  }
}

// Through the barrel at eta = 0 the path in the field is 5 m: 0.3 * 0.5 T * 5 m / p.
TEST(Propagation, TheBarrelBendIsTheFieldIntegralOverTheMomentum) {
  const double momentum = 50 - PropagationConfig{}.energy_loss;
  EXPECT_NEAR(final_theta({50, 0, 0, 1}) - theta(0), -0.3 * 0.5 * 5 / momentum,
              0.03 * 0.75 / momentum);
}

TEST(Propagation, WithoutFieldsAMuonFliesStraightThroughEveryFrame) {
  PropagationConfig config = without_scattering();
  config.barrel_field = config.end_cap_field = config.solenoid_kick = 0;
  const Detector detector(default_geometry());
  for (const double eta : {-2.4, -1.4, -0.6, 0.1, 0.9, 1.8}) {
    const double phi = 0.7;
    const Trajectory trajectory = propagate(config, {30, eta, phi, 1});
    int crossings = 0;
    for (const Frame& frame : detector.frames()) {
      const auto lines = trajectory.crossings(frame);
      if (lines.empty()) continue;
      ASSERT_EQ(lines.size(), 1U);
      const Line& line = lines.front();
      ++crossings;
      const Vector3 point = frame.to_global({line.x, line.y, 0});
      EXPECT_NEAR(std::asinh(point.z / std::hypot(point.x, point.y)), eta, 1e-9);
      EXPECT_NEAR(std::atan2(point.y, point.x), phi, 1e-9);
      // The line points back to the interaction point.
      const Vector3 back = frame.to_local({0, 0, 0});
      EXPECT_NEAR(line.x + line.tx * back.z, back.x, 1e-4);
      EXPECT_NEAR(line.y + line.ty * back.z, back.y, 1e-4);
    }
    EXPECT_GT(crossings, 6);
  }
}

TEST(Propagation, AMuonThatStopsInTheCalorimeterCrossesNothing) {
  const Trajectory trajectory = propagate({}, {3.2, 0.1, 0, 1});
  const Detector detector(default_geometry());
  for (const Frame& frame : detector.frames()) EXPECT_TRUE(trajectory.crossings(frame).empty());
}

// Inside the field z'' = -0.3 q B / p along the radius: at eta near 0 the three stations of a large
// sector see a parabola, whose sagitta is half of the curvature times the two lever arms. The
// stations are at 4.95, 7.1 and 9.5 m, the field starts at 5 m.
TEST(Propagation, TheSagittaInTheBarrelIsThatOfTheMomentum) {
  const Detector detector(default_geometry());
  for (const double pt : {10.0, 20.0, 50.0}) {
    for (const int charge : {1, -1}) {
      const Trajectory path = propagate(without_scattering(), {pt, 0.15, 0, charge});
      std::map<core::StationLayer, std::pair<double, double>> at;  // radius, z
      for (const Frame& frame : detector.frames()) {
        if (!frame.barrel || frame.sector != 1 || frame.side < 0) continue;
        for (const Line& line : path.crossings(frame)) {
          const Vector3 point = frame.to_global({line.x, line.y, 0});
          at[frame.layer] = {std::hypot(point.x, point.y), point.z};
        }
      }
      ASSERT_EQ(at.size(), 3U);
      const auto [r_i, z_i] = at.at(core::StationLayer::bi);
      const auto [r_m, z_m] = at.at(core::StationLayer::bm);
      const auto [r_o, z_o] = at.at(core::StationLayer::bo);
      const double sagitta = z_m - (z_i + (z_o - z_i) * (r_m - r_i) / (r_o - r_i));
      const double momentum = pt * std::cosh(0.15) - PropagationConfig{}.energy_loss;
      const double curvature = charge * 0.3e-3 * 0.5 / momentum;  // 1 / mm
      EXPECT_NEAR(sagitta, -curvature * (r_m - r_i) * (r_o - r_m) / 2, 0.06 * std::abs(sagitta))
          << "pT " << pt << ", charge " << charge;
      EXPECT_LT(sagitta * charge, 0)
          << "a positive muon turns towards +z: the middle station lies below the chord";
    }
  }
}

TEST(Propagation, AParticleOfLowMomentumTurnsBackAndMayCrossAStationTwice) {
  const Detector detector(default_geometry());
  PropagationConfig config = without_scattering();
  config.barrel_r_low = 4100;
  ParticleState start = Propagation(config).calorimeter_exit(0.1, 0.0);
  start.momentum = 0.45;
  const Trajectory path = Propagation(config).through_toroids(start);
  std::size_t most = 0;
  bool reaches_outer = false;
  for (const Frame& frame : detector.frames()) {
    const std::size_t n = path.crossings(frame).size();
    most = std::max(most, n);
    reaches_outer = reaches_outer || (frame.layer == core::StationLayer::bo && n > 0);
  }
  EXPECT_EQ(most, 2U);
  EXPECT_FALSE(reaches_outer) << "its circle of 3 m ends in front of BO";
}

}  // namespace
}  // namespace stationhit::simulation
