// One table lists every feature with its name, unit, meaning and function; parser, messages, the
// generated page and the computation read it. Geometry is computed in double and rounded once, so
// that the last bit does not depend on the compiler.
#include "registry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/features/needed_branches.hpp>
#include <stationhit/kernels/directions.hpp>

namespace stationhit::features {
namespace {

using core::HitColumns;

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

void relative_layer(NodeContext& context, std::span<float> values) {
  rank_layers(context.event(), context.nodes(), context.group_memory(), values);
}
void neighbors(NodeContext& context, std::span<float> values) {
  std::ranges::copy(context.neighbors(), values.begin());
}
void bucket_density(NodeContext& context, std::span<float> values) {
  std::ranges::copy(context.bucket_density(), values.begin());
}

void isolation(NodeContext& context, std::span<float> values) {
  const std::span<const float> count = context.neighbors();
  const std::span<const float> density = context.bucket_density();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = count[i] / density[i];
}

void n_buckets(NodeContext& context, std::span<float> values) {
  const std::vector<std::uint32_t>& hit = context.nodes().hit;
  std::vector<float>& count = context.counts();
  count.assign(context.hits().size(), 0);
  for (const std::uint32_t h : hit) ++count[h];
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = count[hit[i]];
}

float number_of(core::StationLayer layer) {
  switch (layer) {
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

// By the code of the station.
std::array<float, 256> make_station_layers() {
  std::array<float, 256> numbers{};
  for (std::size_t code = 0; code < numbers.size(); ++code)
    numbers[code] = number_of(core::station_layer(static_cast<std::uint8_t>(code)));
  return numbers;
}

float station_layer(const HitColumns& hits, std::uint32_t hit) {
  static const std::array<float, 256> numbers = make_station_layers();
  return numbers[hits.station_index[hit]];
}

// The squares of float32 numbers neither overflow nor vanish in double, so std::hypot is not
// needed.
double transverse(const HitColumns& hits, std::uint32_t hit) {
  const double x = hits.glob_x[hit], y = hits.glob_y[hit];
  return std::sqrt(x * x + y * y);
}

void r(NodeContext& context, std::span<float> values) {
  const std::span<const double> radius = context.transverse();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(radius[i]);
}

std::span<const double> numbers_of(NodeContext& context, std::span<const float> HitColumns::*column,
                                   std::size_t which) {
  const std::span<const float> source = context.hits().*column;
  const std::vector<std::uint32_t>& hit = context.nodes().hit;
  const std::span<double> numbers = context.numbers(which);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = source[hit[i]];
  return numbers;
}

void theta(NodeContext& context, std::span<float> values) {
  kernels::azimuths(context.transverse(), numbers_of(context, &HitColumns::glob_z, 0), values);
}
void phi(NodeContext& context, std::span<float> values) {
  kernels::azimuths(numbers_of(context, &HitColumns::glob_y, 0),
                    numbers_of(context, &HitColumns::glob_x, 1), values);
}

void eta(NodeContext& context, std::span<float> values) {
  constexpr double smallest_r = 1e-3;  // mm; keeps the value finite on the beam axis
  const std::span<const double> radius = context.transverse();
  const std::span<double> slope = context.numbers(0);
  for (std::size_t i = 0; i < slope.size(); ++i)
    slope[i] = context.hits().glob_z[context.nodes().hit[i]] / std::max(radius[i], smallest_r);
  kernels::inverse_hyperbolic_sines(slope, values);
}

struct Vector {
  double x, y, z;
};

Vector edge(const HitColumns& hits, std::uint32_t hit) {
  return {double{hits.edge_high_x[hit]} - hits.edge_low_x[hit],
          double{hits.edge_high_y[hit]} - hits.edge_low_y[hit],
          double{hits.edge_high_z[hit]} - hits.edge_low_z[hit]};
}

double length(const Vector& v) { return std::hypot(v.x, v.y, v.z); }
float edge_length(const HitColumns& hits, std::uint32_t hit) {
  return static_cast<float>(length(edge(hits, hit)));
}

// The sign that makes the largest component of `v` along phi, r and z (at the hit) positive.
// Which end of a tube or strip is called low is a convention of the readout; the sign removes it.
// Components along phi, r and z are the same for all chambers around the beam, unlike x and y.
double orientation(const Vector& v, const HitColumns& hits, std::uint32_t hit) {
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
float edge_direction(const HitColumns& hits, std::uint32_t hit) {
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
  std::vector<std::string> branches;  // from which it is computed
};

template <class Column>
std::string branch_name(Column wanted) {
  std::string name;
  core::for_each_column([&](const char* column, auto member, auto) {
    if constexpr (std::is_same_v<decltype(member), Column>)
      if (member == wanted) name = std::string("spacePoint_") + column;
  });
  return name;
}

// A feature that is a column, with the branch of this column.
template <auto Column>
RegisteredFeature of_column(FeatureInfo info) {
  return {std::move(info), column<Column>, {branch_name(Column)}};
}

std::vector<std::string> branches_of_edges() {
  return {"spacePoint_globEdgeLowX",  "spacePoint_globEdgeLowY",  "spacePoint_globEdgeLowZ",
          "spacePoint_globEdgeHighX", "spacePoint_globEdgeHighY", "spacePoint_globEdgeHighZ"};
}

// The direction is turned by where the hit is around the beam.
std::vector<std::string> branches_of_direction() {
  std::vector<std::string> branches = branches_of_edges();
  branches.insert(branches.end(), {"spacePoint_globPosX", "spacePoint_globPosY"});
  return branches;
}

// Those that the experiment's inference tool knows.
std::vector<RegisteredFeature> make_tool_entries() {
  const std::vector<std::string> bucket_range_branches{"bucket_xMin", "bucket_xMax"};
  return {
      of_column<&HitColumns::local_x>(
          {"localX", "mm", "position along the tube or strip, chamber frame"}),
      of_column<&HitColumns::local_y>(
          {"localY", "mm", "position along the precision axis, chamber frame"}),
      of_column<&HitColumns::local_z>(
          {"localZ", "mm", "position out of the plane of the layer, chamber frame"}),
      of_column<&HitColumns::station_index>(
          {"stationIndex", "-", "code of the station", CodeRange{0, 60}}),
      of_column<&HitColumns::station_phi>({"stationPhi", "-",
                                           "chamber index around the beam, 1 to 8 (TGC up to 48)",
                                           CodeRange{1, 48}}),
      of_column<&HitColumns::station_eta>(
          {"stationEta", "-", "chamber index along the beam, -8 to 8, the sign is the side",
           CodeRange{-8, 17}}),
      of_column<&HitColumns::drift_r>(
          {"driftR", "mm", "drift radius of an MDT tube, 0 for strips"}),
      {{"relative_layer", "-", relative_layer_meaning},
       relative_layer,
       {"spacePoint_technology", "spacePoint_stationIndex", "spacePoint_layer",
        "spacePoint_PositionZ"}},
      {{"neighbors", "-", "other hits of the bucket strictly closer than 500 mm in localX, localY"},
       neighbors,
       {"spacePoint_PositionX", "spacePoint_PositionY"}},
      {{"bucket_density", "1/mm",
        "hits of the bucket / max(range of the bucket along the precision axis, 10 mm)"},
       bucket_density,
       bucket_range_branches},
      {{"isolation", "mm", "neighbors / bucket_density"},
       isolation,
       {"bucket_xMin", "bucket_xMax", "spacePoint_PositionX", "spacePoint_PositionY"}},
      of_column<&HitColumns::cov_xx>({"covX", "mm^2", "covariance along localX (phi)"}),
      of_column<&HitColumns::cov_yy>({"covY", "mm^2", "covariance along localY (eta)"}),
  };
}

std::vector<RegisteredFeature> make_further_entries() {
  const std::vector<std::string> transverse_branches{"spacePoint_globPosX", "spacePoint_globPosY"};
  const std::vector<std::string> position_branches{"spacePoint_globPosX", "spacePoint_globPosY",
                                                   "spacePoint_globPosZ"};
  const std::vector<std::string> direction_branches = branches_of_direction();
  return {
      of_column<&HitColumns::cov_xy>({"covXY", "mm^2", "covariance of localX and localY"}),
      of_column<&HitColumns::glob_x>({"globX", "mm", "global position"}),
      of_column<&HitColumns::glob_y>({"globY", "mm", "global position"}),
      of_column<&HitColumns::glob_z>({"globZ", "mm", "global position, along the beam"}),
      {{"r", "mm", "distance from the beam axis"}, r, transverse_branches},
      {{"theta", "rad", "polar angle from the beam axis, 0 to pi"}, theta, position_branches},
      {{"phi", "rad", "azimuth, -pi to pi"}, phi, transverse_branches},
      {{"eta", "-", "pseudorapidity of the global position, r taken as at least 0.001 mm"},
       eta,
       position_branches},
      {{"edgeLength", "mm", "length of the sensitive element"},
       per_hit<edge_length>,
       branches_of_edges()},
      {{"edgeDirX", "-", edge_direction_meaning},
       per_hit<edge_direction<&Vector::x>>,
       direction_branches},
      {{"edgeDirY", "-", "y of that unit vector"},
       per_hit<edge_direction<&Vector::y>>,
       direction_branches},
      {{"edgeDirZ", "-", "z of that unit vector"},
       per_hit<edge_direction<&Vector::z>>,
       direction_branches},
      of_column<&HitColumns::technology>(
          {"technology", "-", "MDT 0, RPC 2, TGC 3, sTGC 4, MM 5", CodeRange{0, 6}}),
      of_column<&HitColumns::layer>({"layer", "-", "layer number, counted by technology"}),
      of_column<&HitColumns::channel>({"channel", "-", "tube or strip number"}),
      of_column<&HitColumns::time>(
          {"time", "by technology", "MDT TDC counts; RPC, MM, sTGC ns; TGC bunch-crossing bitmap"}),
      {{"stationLayer", "-", station_layer_meaning},
       per_hit<station_layer>,
       {"spacePoint_stationIndex"}},
      {{"nBuckets", "-", "nodes of the hit: buckets that contain it"},
       n_buckets,
       {core::single_hits}},
      of_column<&HitColumns::read_out_side>({"readOutSide", "-", "-1 or 1"}),
      of_column<&HitColumns::meas_eta>({"measEta", "-", "1 if the hit carries an eta measurement"}),
      of_column<&HitColumns::meas_phi>({"measPhi", "-", "1 if the hit carries a phi measurement"}),
      of_column<&HitColumns::n_eta_in_use>(
          {"nEtaInUse", "-", "other space points that share the eta measurement"}),
      of_column<&HitColumns::n_phi_in_use>(
          {"nPhiInUse", "-", "other space points that share the phi measurement"}),
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

void NodeContext::begin(const core::EventColumns& event, const graph::NodeTable& nodes) {
  event_ = &event;
  nodes_ = &nodes;
  neighbors_.is_present = bucket_density_.is_present = transverse_.is_present = false;
}

std::span<const float> NodeContext::neighbors() {
  if (!neighbors_.is_present) {
    neighbors_.values.resize(nodes_->size());
    count_neighbors(*event_, *nodes_, group_memory_, neighbors_.values);
    neighbors_.is_present = true;
  }
  return neighbors_.values;
}

std::span<const float> NodeContext::bucket_density() {
  if (!bucket_density_.is_present) {
    bucket_density_.values.resize(nodes_->size());
    compute_bucket_densities(*nodes_, bucket_density_.values);
    bucket_density_.is_present = true;
  }
  return bucket_density_.values;
}

std::span<const double> NodeContext::transverse() {
  if (!transverse_.is_present) {
    transverse_.values.resize(nodes_->size());
    for (std::size_t i = 0; i < nodes_->size(); ++i)
      transverse_.values[i] = features::transverse(hits(), nodes_->hit[i]);
    transverse_.is_present = true;
  }
  return transverse_.values;
}

std::span<double> NodeContext::numbers(std::size_t which) {
  numbers_[which].resize(nodes_->size());
  return numbers_[which];
}

CodeRange codes_of(const std::string& feature) {
  const auto infos = known_features();
  const auto found = std::ranges::find(infos, feature, &FeatureInfo::name);
  return found == infos.end() ? CodeRange{} : found->codes;
}

std::span<const std::string> branches_of(const std::string& feature) {
  const auto found = std::ranges::find_if(
      entries(), [&](const RegisteredFeature& entry) { return entry.info.name == feature; });
  return found == entries().end() ? std::span<const std::string>{} : found->branches;
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
