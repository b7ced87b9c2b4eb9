#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/simulation/propagation.hpp>

namespace stationhit::simulation {
namespace {

constexpr double steepest_slope = 4.0;

double depth(const Frame& frame, double phi, const Trajectory::Point& point) {
  const double projected = point.r * std::cos(phi), across = point.r * std::sin(phi);
  return (projected - frame.origin.x) * frame.axis_z.x + (across - frame.origin.y) * frame.axis_z.y + (point.z - frame.origin.z) * frame.axis_z.z;
}

Vector3 position(double phi, double r, double z) { return {r * std::cos(phi), r * std::sin(phi), z}; }

}  // namespace

std::optional<Line> Trajectory::crossing(const Frame& frame) const {
  const auto beyond = std::find_if(points_.begin(), points_.end(), [&](const Point& p) { return depth(frame, phi_, p) > 0; });
  if (beyond == points_.begin() || beyond == points_.end()) return std::nullopt;
  const Point& a = *(beyond - 1);
  const Point& b = *beyond;
  const double before = -depth(frame, phi_, a), after = depth(frame, phi_, b);
  const double fraction = before / (before + after);
  const Vector3 local = frame.to_local(position(phi_, a.r + fraction * (b.r - a.r), a.z + fraction * (b.z - a.z)));
  const Vector3 start = frame.to_local(position(phi_, a.r, a.z)), end = frame.to_local(position(phi_, b.r, b.z));
  const double dz = end.z - start.z;
  const Line line{local.x, local.y, (end.x - start.x) / dz, (end.y - start.y) / dz};
  if (std::abs(line.tx) > steepest_slope || std::abs(line.ty) > steepest_slope) return std::nullopt;
  return line;
}

double Propagation::field(double r, double z) const {
  const double length = std::abs(z);
  if (length > config_.end_cap_z_low && length < config_.end_cap_z_high && r > config_.end_cap_r_low && r < config_.end_cap_r_high)
    return config_.end_cap_field;
  if (r > config_.barrel_r_low && r < config_.barrel_r_high && length < config_.barrel_z) return config_.barrel_field;
  return 0;
}

Trajectory Propagation::operator()(const TruthMuon& muon, Random& random) const {
  double theta = 2 * std::atan(std::exp(-muon.eta));
  double phi = muon.phi - config_.solenoid_kick * muon.charge / muon.pt;
  const double momentum = muon.pt * std::cosh(muon.eta) - config_.energy_loss;
  std::vector<Trajectory::Point> points;
  if (momentum <= 0.5) return {phi, points};
  const double length = std::min(config_.calorimeter_radius / std::sin(theta), config_.calorimeter_z / std::max(std::abs(std::cos(theta)), 1e-9));
  points.push_back({length * std::sin(theta), length * std::cos(theta), theta});
  theta += config_.scattering / momentum * random.normal();
  phi += config_.scattering / momentum / std::sin(theta) * random.normal();
  const auto inside = [&](const Trajectory::Point& p) { return p.r > 0 && p.r < config_.max_radius && std::abs(p.z) < config_.max_z; };
  while (inside(points.back()) && theta > 0 && theta < std::numbers::pi) {
    const Trajectory::Point& p = points.back();
    // Half of the turn before the step, half after it: second order in the step.
    const double turn = -0.3e-3 * muon.charge * field(p.r, p.z) / momentum * config_.step;
    const double middle = theta + turn / 2;
    theta += turn;
    points.push_back({p.r + config_.step * std::sin(middle), p.z + config_.step * std::cos(middle), theta});
  }
  return {phi, std::move(points)};
}

}  // namespace stationhit::simulation
