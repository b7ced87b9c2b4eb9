// The path is a polyline in the plane of constant azimuth, because azimuthal fields only bend the
// polar angle. Each step of fixed length turns the direction by half the bend before and half after
// it (midpoint rule, second order). Crossings with a frame are the sign changes of the signed
// distance to its plane, interpolated linearly between two points.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/propagation.hpp>

namespace stationhit::simulation {
namespace {

constexpr double widest_angle =
    std::numbers::pi / 8;  // no chamber reaches further from the axis of its sector

// The signed distance of a point from the plane of a frame.
class PlaneDistance {
 public:
  PlaneDistance(const Frame& frame, double phi)
      : along_r_(std::cos(phi) * frame.axis_z.x + std::sin(phi) * frame.axis_z.y),
        along_z_(frame.axis_z.z),
        offset_(frame.origin.x * frame.axis_z.x + frame.origin.y * frame.axis_z.y +
                frame.origin.z * frame.axis_z.z) {}
  double operator()(const Trajectory::Point& point) const {
    return point.r * along_r_ + point.z * along_z_ - offset_;
  }

 private:
  double along_r_, along_z_, offset_;
};

Vector3 position(double phi, double r, double z) {
  return {r * std::cos(phi), r * std::sin(phi), z};
}

// The line through a and b, given at the plane between them.
Line line_between(const Frame& frame, double phi, const Trajectory::Point& a,
                  const Trajectory::Point& b, double fraction) {
  const Vector3 local =
      frame.to_local(position(phi, a.r + fraction * (b.r - a.r), a.z + fraction * (b.z - a.z)));
  const Vector3 start = frame.to_local(position(phi, a.r, a.z)),
                end = frame.to_local(position(phi, b.r, b.z));
  const double dz = end.z - start.z;
  return {local.x, local.y, (end.x - start.x) / dz, (end.y - start.y) / dz};
}

}  // namespace

std::vector<Line> Trajectory::crossings(const Frame& frame) const {
  std::vector<Line> lines;
  const double sector_phi = std::atan2(frame.origin.y, frame.origin.x);
  if (points_.empty() ||
      std::abs(std::remainder(phi_ - sector_phi, 2 * std::numbers::pi)) > widest_angle)
    return lines;
  const PlaneDistance depth(frame, phi_);
  double before = depth(points_.front());
  for (std::size_t i = 1; i < points_.size(); ++i) {
    const double after = depth(points_[i]);
    // A track may cross a plane twice, after turning back in the field.
    if ((before <= 0) != (after <= 0)) {
      const Line line =
          line_between(frame, phi_, points_[i - 1], points_[i], before / (before - after));
      if (std::abs(line.tx) < steepest_slope && std::abs(line.ty) < steepest_slope)
        lines.push_back(line);
    }
    before = after;
  }
  return lines;
}

double Propagation::field(double r, double z) const {
  const double length = std::abs(z);
  if (length > config_.end_cap_z_low && length < config_.end_cap_z_high &&
      r > config_.end_cap_r_low && r < config_.end_cap_r_high)
    return config_.end_cap_field;
  if (r > config_.barrel_r_low && r < config_.barrel_r_high && length < config_.barrel_z)
    return config_.barrel_field;
  return 0;
}

bool Propagation::in_spectrometer(const Trajectory::Point& point) const {
  // One step of tolerance: the path starts on the surface of the calorimeter.
  const bool in_calorimeter = point.r < config_.calorimeter_radius - config_.step &&
                              std::abs(point.z) < config_.calorimeter_z - config_.step;
  return point.r > 0 && point.r < config_.max_radius && std::abs(point.z) < config_.max_z &&
         !in_calorimeter;
}

ParticleState Propagation::calorimeter_exit(double eta, double phi) const {
  const double theta = 2 * std::atan(std::exp(-eta));
  const double length = std::min(config_.calorimeter_radius / std::sin(theta),
                                 config_.calorimeter_z / std::max(std::abs(std::cos(theta)), 1e-9));
  return {length * std::sin(theta), length * std::cos(theta), theta, phi, 0, 1};
}

Trajectory Propagation::operator()(const TruthMuon& muon, Random& random) const {
  // The solenoid turns the azimuth by an amount proportional to 1 / pT before the calorimeter.
  ParticleState state =
      calorimeter_exit(muon.eta, muon.phi - config_.solenoid_kick * muon.charge / muon.pt);
  state.charge = muon.charge;
  state.momentum = muon.pt * std::cosh(muon.eta) -
                   config_.energy_loss * (1 + random.exponential(config_.energy_loss_spread));
  if (state.momentum < config_.min_momentum) return {state.phi, {}};
  // Multiple scattering falls with the momentum; the same angle in space is a larger one in azimuth
  // near the beam.
  state.phi += config_.scattering / state.momentum / std::sin(state.theta) * random.normal();
  state.theta += config_.scattering / state.momentum * random.normal();
  return through_toroids(state);
}

Trajectory Propagation::through_toroids(const ParticleState& start) const {
  std::vector<Trajectory::Point> points{{start.r, start.z, start.theta}};
  double theta = start.theta;
  for (double path = 0; path < config_.max_path && in_spectrometer(points.back());
       path += config_.step) {
    const Trajectory::Point& p = points.back();
    // Half of the turn comes before the step and half after it: second order in the step.
    // p [GeV] = 0.3 B [T] R [m]; the factor 1e-3 takes the step from mm to m.
    const double turn = -0.3e-3 * start.charge * field(p.r, p.z) / start.momentum * config_.step;
    const double middle = theta + turn / 2;
    theta += turn;
    points.push_back(
        {p.r + config_.step * std::sin(middle), p.z + config_.step * std::cos(middle), theta});
  }
  return {start.phi, std::move(points)};
}

}  // namespace stationhit::simulation
