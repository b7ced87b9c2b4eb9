// Propagates charged particles through the calorimeter and the toroids.
#pragma once

#include <vector>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/generator.hpp>

namespace stationhit::simulation {

// A straight piece of a track in a frame: (x + tx z, y + ty z, z).
struct Line {
  double x = 0, y = 0, tx = 0, ty = 0;
};

// Crossings with a steeper line graze the frame and are left out.
inline constexpr double steepest_slope = 4.0;

// Lengths in mm, fields in T, energies in GeV.
struct PropagationConfig {
  double calorimeter_radius = 4000, calorimeter_z = 6500;  // the track is straight up to here
  double energy_loss = 3.0;                                // in the calorimeter, least value
  double energy_loss_spread = 0.12;                        // mean of its exponential tail, relative
  double min_momentum = 0.3;  // behind the calorimeter; a particle with less is absorbed
  double scattering =
      0.10;  // rad GeV: sigma of the direction behind the calorimeter times the momentum
  double solenoid_kick = 0.35;  // rad GeV: change of phi times pT / charge
  // Azimuthal fields: constant inside, zero outside.
  double barrel_field = 0.5, barrel_r_low = 5000, barrel_r_high = 10000, barrel_z = 9500;
  double end_cap_field = 1.0, end_cap_z_low = 8000, end_cap_z_high = 12800, end_cap_r_low = 1000,
         end_cap_r_high = 6500;
  double step = 100, max_path = 40000, max_radius = 13000, max_z = 23000;
};

// A particle where it leaves the calorimeter; theta is the polar angle of its direction.
struct ParticleState {
  double r = 0, z = 0, theta = 0, phi = 0;  // mm, rad
  double momentum = 0;                      // GeV
  int charge = 1;
};

// The path in the plane of constant azimuth: toroids bend the polar angle only. Particles of low
// momentum may turn back and cross a frame twice.
class Trajectory {
 public:
  struct Point {
    double r = 0, z = 0, theta = 0;
  };
  Trajectory(double phi, std::vector<Point> points) : phi_(phi), points_(std::move(points)) {}

  [[nodiscard]] double phi() const { return phi_; }
  [[nodiscard]] const std::vector<Point>& points() const { return points_; }
  // The crossings of the path with the plane of a frame, in the order of the path. Grazing
  // crossings are left out.
  [[nodiscard]] std::vector<Line> crossings(const Frame& frame) const;

 private:
  double phi_;
  std::vector<Point> points_;
};

class Propagation {
 public:
  explicit Propagation(const PropagationConfig& config) : config_(config) {}
  // Propagates from the interaction point through the calorimeter and the toroids. The path has no
  // points if the muon is absorbed.
  [[nodiscard]] Trajectory operator()(const TruthMuon& muon, Random& random) const;
  // Propagates from the calorimeter on. In the field d(theta)/ds = -0.3 q B / p (GeV, T, m): a
  // positive particle turns toward +z everywhere, a negative one toward -z. The path ends outside
  // the spectrometer, when it returns to the calorimeter, or after max_path.
  [[nodiscard]] Trajectory through_toroids(const ParticleState& start) const;
  // The state in which a straight path from the interaction point leaves the calorimeter.
  [[nodiscard]] ParticleState calorimeter_exit(double eta, double phi) const;

 private:
  [[nodiscard]] double field(double r, double z) const;
  [[nodiscard]] bool in_spectrometer(const Trajectory::Point& point) const;
  PropagationConfig config_;
};

}  // namespace stationhit::simulation
