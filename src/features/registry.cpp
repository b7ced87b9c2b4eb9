// One table lists every feature with its name, unit, meaning and function; parser, messages, the
// generated page and the computation read it. Geometry is computed in double and rounded once, so
// that the last bit does not depend on the compiler.
#include "registry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/core/technology.hpp>
#include <stationhit/features/needed_branches.hpp>

#include "group_features.hpp"

namespace stationhit::features {
namespace {

using core::HitTable;

// A feature that is the value of a column of the hits.
template <auto Column>
void column(NodeContext& context, std::span<float> values) {
  const auto& source = context.hits().*Column;
  const std::vector<std::uint32_t>& hit = context.nodes().hit;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(source[hit[i]]);
}

// A feature computed by a function (hits, hit) -> float.
template <auto Function>
void per_hit(NodeContext& context, std::span<float> values) {
  const std::vector<std::uint32_t>& hit = context.nodes().hit;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = Function(context.hits(), hit[i]);
}

void copy(std::span<const float> from, std::span<float> to) {
  std::copy(from.begin(), from.end(), to.begin());
}

void relative_layer(NodeContext& context, std::span<float> values) {
  copy(relative_layers(context.event(), context.nodes()), values);
}
void neighbors(NodeContext& context, std::span<float> values) { copy(context.neighbors(), values); }
void bucket_density(NodeContext& context, std::span<float> values) {
  copy(context.bucket_density(), values);
}

void isolation(NodeContext& context, std::span<float> values) {
  const std::span<const float> count = context.neighbors();
  const std::span<const float> density = context.bucket_density();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = count[i] / density[i];
}

void n_buckets(NodeContext& context, std::span<float> values) {
  const std::vector<std::uint32_t>& hit = context.nodes().hit;
  std::vector<float> count(context.hits().size());
  for (const std::uint32_t h : hit) ++count[h];
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = count[hit[i]];
}

float station_layer(const HitTable& hits, std::uint32_t hit) {
  switch (core::station_layer(hits.station_index[hit])) {
    using enum core::StationLayer;
    case bi:
    case ei:
      return 0;
    case bm:
    case em:
      return 1;
    case bo:
    case eo:
      return 2;
    case ee:
    case unknown:
      break;
  }
  return 3;
}

// The squares of float32 numbers neither overflow nor vanish in double, so std::hypot is not
// needed.
double transverse(const HitTable& hits, std::uint32_t hit) {
  const double x = hits.glob_x[hit], y = hits.glob_y[hit];
  return std::sqrt(x * x + y * y);
}

float r(const HitTable& hits, std::uint32_t hit) {
  return static_cast<float>(transverse(hits, hit));
}
float theta(const HitTable& hits, std::uint32_t hit) {
  return static_cast<float>(std::atan2(transverse(hits, hit), double{hits.glob_z[hit]}));
}
float phi(const HitTable& hits, std::uint32_t hit) {
  return static_cast<float>(std::atan2(double{hits.glob_y[hit]}, double{hits.glob_x[hit]}));
}

float eta(const HitTable& hits, std::uint32_t hit) {
  constexpr double smallest_r = 1e-3;  // mm; keeps the value finite on the beam axis
  return static_cast<float>(
      std::asinh(hits.glob_z[hit] / std::max(transverse(hits, hit), smallest_r)));
}

struct Vector {
  double x, y, z;
};

Vector edge(const HitTable& hits, std::uint32_t hit) {
  return {double{hits.edge_high_x[hit]} - hits.edge_low_x[hit],
          double{hits.edge_high_y[hit]} - hits.edge_low_y[hit],
          double{hits.edge_high_z[hit]} - hits.edge_low_z[hit]};
}

double length(const Vector& v) { return std::hypot(v.x, v.y, v.z); }
float edge_length(const HitTable& hits, std::uint32_t hit) {
  return static_cast<float>(length(edge(hits, hit)));
}

// The sign that makes the largest component of `v` along phi, r and z (at the hit) positive.
// Which end of a tube or strip is called low is a convention of the readout; the sign removes it.
// Components along phi, r and z are the same for all chambers around the beam, unlike x and y.
double orientation(const Vector& v, const HitTable& hits, std::uint32_t hit) {
  const double radius = transverse(hits, hit);
  const double cosine = radius > 0 ? hits.glob_x[hit] / radius : 1;
  const double sine = radius > 0 ? hits.glob_y[hit] / radius : 0;
  const std::array<double, 3> components{v.y * cosine - v.x * sine, v.x * cosine + v.y * sine, v.z};
  const double largest =
      *std::max_element(components.begin(), components.end(),
                        [](double a, double b) { return std::abs(a) < std::abs(b); });
  return largest < 0 ? -1 : 1;
}

template <auto Component>
float edge_direction(const HitTable& hits, std::uint32_t hit) {
  const Vector v = edge(hits, hit);
  const double size = length(v);
  if (size <= 0) return 0;
  return static_cast<float>(orientation(v, hits, hit) * (v.*Component) / size) +
         0.0F;  // + 0 turns -0 into 0
}

constexpr const char* relative_layer_meaning =
    "(1 + rank) / number of layers of the bucket; a layer is a (technology, stationIndex, layer), "
    "MDT layers rank first, then by median localZ";

constexpr const char* station_layer_meaning =
    "0 inner (BI, EI), 1 middle (BM, EM), 2 outer (BO, EO), 3 other stations (EE, unknown)";
constexpr const char* edge_direction_meaning =
    "x of the unit vector along the sensitive element; its largest component along phi, r or z is "
    "positive, 0 without length";

struct RegisteredFeature {
  FeatureInfo info;
  FeatureFunction function;
  std::vector<std::string> optional_branches = {};  // from which it is computed
};

std::vector<std::string> branches_of_edges() {
  return {"spacePoint_globEdgeLowX",  "spacePoint_globEdgeLowY",  "spacePoint_globEdgeLowZ",
          "spacePoint_globEdgeHighX", "spacePoint_globEdgeHighY", "spacePoint_globEdgeHighZ"};
}

// Those that the experiment's inference tool knows.
std::vector<RegisteredFeature> make_tool_entries() {
  const std::vector<std::string> bucket_range_branches{"bucket_xMin", "bucket_xMax"};
  return {
      {{"localX", "mm", "position along the tube or strip, chamber frame"},
       column<&HitTable::local_x>},
      {{"localY", "mm", "position along the precision axis, chamber frame"},
       column<&HitTable::local_y>},
      {{"localZ", "mm", "position out of the plane of the layer, chamber frame"},
       column<&HitTable::local_z>},
      {{"stationIndex", "-", "code of the station", CodeRange{0, 60}},
       column<&HitTable::station_index>},
      {{"stationPhi", "-", "chamber index around the beam, 1 to 8 (TGC up to 48)",
        CodeRange{1, 48}},
       column<&HitTable::station_phi>},
      {{"stationEta", "-", "chamber index along the beam, -8 to 8, the sign is the side",
        CodeRange{-8, 17}},
       column<&HitTable::station_eta>},
      {{"driftR", "mm", "drift radius of an MDT tube, 0 for strips"}, column<&HitTable::drift_r>},
      {{"relative_layer", "-", relative_layer_meaning}, relative_layer},
      {{"neighbors", "-", "other hits of the bucket strictly closer than 500 mm in localX, localY"},
       neighbors},
      {{"bucket_density", "1/mm",
        "hits of the bucket / max(range of the bucket along the precision axis, 10 mm)"},
       bucket_density,
       bucket_range_branches},
      {{"isolation", "mm", "neighbors / bucket_density"}, isolation, bucket_range_branches},
      {{"covX", "mm^2", "covariance along localX (phi)"},
       column<&HitTable::cov_xx>,
       {"spacePoint_covXX"}},
      {{"covY", "mm^2", "covariance along localY (eta)"},
       column<&HitTable::cov_yy>,
       {"spacePoint_covYY"}},
  };
}

std::vector<RegisteredFeature> make_further_entries() {
  const std::vector<std::string> edge_branches = branches_of_edges();
  return {
      {{"covXY", "mm^2", "covariance of localX and localY"},
       column<&HitTable::cov_xy>,
       {"spacePoint_covXY"}},
      {{"globX", "mm", "global position"}, column<&HitTable::glob_x>},
      {{"globY", "mm", "global position"}, column<&HitTable::glob_y>},
      {{"globZ", "mm", "global position, along the beam"}, column<&HitTable::glob_z>},
      {{"r", "mm", "distance from the beam axis"}, per_hit<r>},
      {{"theta", "rad", "polar angle from the beam axis, 0 to pi"}, per_hit<theta>},
      {{"phi", "rad", "azimuth, -pi to pi"}, per_hit<phi>},
      {{"eta", "-", "pseudorapidity of the global position, r taken as at least 0.001 mm"},
       per_hit<eta>},
      {{"edgeLength", "mm", "length of the sensitive element"},
       per_hit<edge_length>,
       edge_branches},
      {{"edgeDirX", "-", edge_direction_meaning},
       per_hit<edge_direction<&Vector::x>>,
       edge_branches},
      {{"edgeDirY", "-", "y of that unit vector"},
       per_hit<edge_direction<&Vector::y>>,
       edge_branches},
      {{"edgeDirZ", "-", "z of that unit vector"},
       per_hit<edge_direction<&Vector::z>>,
       edge_branches},
      {{"technology", "-", "MDT 0, RPC 2, TGC 3, sTGC 4, MM 5", CodeRange{0, 6}},
       column<&HitTable::technology>},
      {{"layer", "-", "layer number, counted by technology"}, column<&HitTable::layer>},
      {{"channel", "-", "tube or strip number"}, column<&HitTable::channel>},
      {{"time", "by technology", "MDT TDC counts; RPC, MM, sTGC ns; TGC bunch-crossing bitmap"},
       column<&HitTable::time>},
      {{"stationLayer", "-", station_layer_meaning}, per_hit<station_layer>},
      {{"nBuckets", "-", "nodes of the hit: buckets that contain it"}, n_buckets},
      {{"readOutSide", "-", "-1 or 1"}, column<&HitTable::read_out_side>},
      {{"measEta", "-", "1 if the hit carries an eta measurement"}, column<&HitTable::meas_eta>},
      {{"measPhi", "-", "1 if the hit carries a phi measurement"}, column<&HitTable::meas_phi>},
      {{"nEtaInUse", "-", "other space points that share the eta measurement"},
       column<&HitTable::n_eta_in_use>,
       {"spacePoint_nEtaInUse"}},
      {{"nPhiInUse", "-", "other space points that share the phi measurement"},
       column<&HitTable::n_phi_in_use>,
       {"spacePoint_nPhiInUse"}},
  };
}

const std::vector<RegisteredFeature>& entries() {
  static const std::vector<RegisteredFeature> all = [] {
    std::vector<RegisteredFeature> list = make_tool_entries();
    const std::vector<RegisteredFeature> further = make_further_entries();
    list.insert(list.end(), further.begin(), further.end());
    return list;
  }();
  return all;
}

template <class Member>
auto each_entry(Member member) {
  std::vector<std::remove_cvref_t<decltype(entries().front().*member)>> values;
  for (const RegisteredFeature& entry : entries()) values.push_back(entry.*member);
  return values;
}

}  // namespace

std::span<const float> NodeContext::neighbors() {
  if (!neighbors_) neighbors_ = count_neighbors(event_, nodes_);
  return *neighbors_;
}

std::span<const float> NodeContext::bucket_density() {
  if (!bucket_density_) bucket_density_ = bucket_densities(nodes_);
  return *bucket_density_;
}

CodeRange codes_of(const std::string& feature) {
  const auto infos = known_features();
  const auto found = std::ranges::find(infos, feature, &FeatureInfo::name);
  return found == infos.end() ? CodeRange{} : found->codes;
}

std::span<const std::string> optional_branches_of(const std::string& feature) {
  const auto found = std::ranges::find_if(
      entries(), [&](const RegisteredFeature& entry) { return entry.info.name == feature; });
  return found == entries().end() ? std::span<const std::string>{} : found->optional_branches;
}

std::span<const FeatureInfo> known_features() {
  static const std::vector<FeatureInfo> infos = each_entry(&RegisteredFeature::info);
  return infos;
}

std::span<const FeatureFunction> feature_functions() {
  static const std::vector<FeatureFunction> functions = each_entry(&RegisteredFeature::function);
  return functions;
}

}  // namespace stationhit::features
