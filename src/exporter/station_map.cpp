// Hits write into the maps with ScatterElements, which adds in the order of the hits, and read from
// them with Gather. The convolution wraps around in phi by a column of each end at the other one.
#include <numbers>

#include <stationhit/onnx_file/model_tensors.hpp>

#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

using architecture::n_station_layers;
using architecture::StationMap;
using onnx_file::ElementType;

// The places of the rows; models/station_map.cpp computes the same, operation by operation.
class PlaceWriter {
 public:
  PlaceWriter(NetworkWriter& writer, const Stage& stage)
      : writer_(writer),
        graph_(writer.graph()),
        map_(stage.map.value()),
        rows_(stage.rows),
        features_(writer.value_of(stage.inputs.at(1))) {}

  MapPlaces write() {
    constexpr double pi = std::numbers::pi;
    const auto n_phi = static_cast<double>(map_.phi_cells),
               n_theta = static_cast<double>(map_.theta_cells);
    const std::string turned = graph_.node("Add", {column(0), number(pi)});
    const Axis p = axis(turned, n_phi / (2 * pi)), t = axis(column(1), n_theta / pi);
    MapPlaces places;
    places.events = number_of_events();
    places.first_cell = graph_.node("Mul", {event_of_row(), graph_.indices({map_.cells()})});
    places.layer = clip(integer(column(2)), n_station_layers - 1);
    std::size_t i = 0;
    for (const auto& [theta, of_theta] : {std::pair(t.low, t.outside), {t.high, t.inside}}) {
      const std::string row =
          graph_.node("Mul", {clip(theta, map_.theta_cells - 1), graph_.indices({map_.phi_cells})});
      for (const auto& [phi, of_phi] : {std::pair(p.low, p.outside), {p.high, p.inside}}) {
        const std::string wrapped = graph_.node("Mod", {phi, graph_.indices({map_.phi_cells})});
        places.cells[i] = graph_.node("Add", {row, wrapped});
        places.weights[i++] = as_column(graph_.node("Mul", {of_theta, of_phi}));
      }
    }
    places.inside = graph_.node("Concat", {as_column(p.inside), as_column(t.inside)},
                                {{"axis", std::int64_t{1}}});
    places.share = as_column(graph_.node("Div", {graph_.scalar(1.0F), column(3)}));
    return places;
  }

 private:
  struct Axis {
    std::string low, high, inside, outside;
  };

  std::string number(double value) { return graph_.scalar(static_cast<float>(value)); }
  std::string whole(std::int64_t value) {
    return graph_.constant("whole_" + std::to_string(constants_++) + "_of_" + features_,
                           std::span<const std::int64_t>(&value, 1), {});
  }
  std::string integer(const std::string& x) {
    return graph_.node("Cast", {x}, {{"to", ElementType::int64}});
  }
  // 0 to `last`
  std::string clip(const std::string& x, std::int64_t last) {
    return graph_.node("Clip", {x, whole(0), whole(last)});
  }
  std::string as_column(const std::string& x) {
    return graph_.node("Unsqueeze", {x, graph_.indices({1})});
  }
  // The values of a feature: [M]
  std::string column(std::size_t feature) {
    return graph_.node("Gather", {features_, whole(map_.columns.at(feature))},
                       {{"axis", std::int64_t{1}}});
  }

  Axis axis(const std::string& angle, double cells_per_radian) {
    const std::string place = graph_.node(
        "Sub", {graph_.node("Mul", {angle, number(cells_per_radian)}), graph_.scalar(0.5F)});
    const std::string floor = graph_.node("Floor", {place}), low = integer(floor);
    const std::string inside = graph_.node("Sub", {place, floor});
    return {low, graph_.node("Add", {low, graph_.indices({1})}), inside,
            graph_.node("Sub", {graph_.scalar(1.0F), inside})};
  }

  std::string event_of_row() {
    const std::string of_nodes = writer_.event_of_node();
    const KeptRows& kept = writer_.kept_rows(rows_);
    return integer(kept.rows.empty() ? of_nodes : graph_.node("Gather", {of_nodes, kept.rows}));
  }

  // One where there are no nodes.
  std::string number_of_events() {
    const std::string with_first =
        graph_.node("Concat", {integer(writer_.event_of_node()), graph_.indices({0})},
                    {{"axis", std::int64_t{0}}});
    return graph_.node(
        "Add", {graph_.node("ReduceMax", {with_first, graph_.indices({0})}), graph_.indices({1})});
  }

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  const StationMap& map_;
  std::string rows_, features_;
  int constants_ = 0;
};

class MapWriter {
 public:
  MapWriter(NetworkWriter& writer, const Stage& stage)
      : writer_(writer),
        graph_(writer.graph()),
        stage_(stage),
        map_(stage.map.value()),
        places_(writer.map_places(stage)) {}

  // normed: [M, W] -> [M, W]
  std::string write(const std::string& normed) {
    const std::string with_place =
        graph_.node("Concat", {normed, places_.inside}, {{"axis", std::int64_t{1}}});
    const std::string written =
        graph_.node("Relu", {writer_.linear(with_place, stage_.linear_layers.at(0))});
    const std::string maps = fill(graph_.node("Mul", {written, places_.share}));
    const std::string joined = graph_.node("Concat", {normed, read(convolve(maps)), places_.inside},
                                           {{"axis", std::int64_t{1}}});
    const std::string hidden = writer_.activate(writer_.linear(joined, stage_.linear_layers.at(1)),
                                                stage_.activation.value());
    return writer_.linear(hidden, stage_.linear_layers.at(2));
  }

 private:
  std::string fill(const std::string& values);
  std::string as_images(const std::string& maps);
  std::string convolve(std::string maps);
  std::string read(const std::string& maps);

  // The row number of every value: [M] -> [M, C]
  std::string rows_of(const std::string& rows, const std::string& values) {
    return graph_.node("Expand", {graph_.node("Unsqueeze", {rows, graph_.indices({1})}),
                                  graph_.node("Shape", {values})});
  }
  std::string column(const std::string& maps, std::int64_t first) {
    return graph_.node(
        "Slice", {maps, graph_.indices({first}), graph_.indices({first + 1}), graph_.indices({3})});
  }

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  const Stage& stage_;
  const StationMap& map_;
  const MapPlaces& places_;
};

// [M, C] -> [events, L C, T, P]
std::string MapWriter::fill(const std::string& values) {
  const std::string rows =
      graph_.node("Mul", {places_.events, graph_.indices({n_station_layers * map_.cells()})});
  const std::string size =
      graph_.node("Concat", {rows, graph_.indices({map_.channels})}, {{"axis", std::int64_t{0}}});
  const std::string first = graph_.node(
      "Add", {graph_.node("Mul", {places_.first_cell, graph_.indices({n_station_layers})}),
              graph_.node("Mul", {places_.layer, graph_.indices({map_.cells()})})});
  std::string maps = graph_.node("Expand", {graph_.scalar(0.0F), size});
  for (std::size_t i = 0; i < places_.cells.size(); ++i) {
    const std::string cell = graph_.node("Add", {first, places_.cells[i]});
    maps =
        graph_.node("ScatterElements",
                    {maps, rows_of(cell, values), graph_.node("Mul", {values, places_.weights[i]})},
                    {{"axis", std::int64_t{0}}, {"reduction", std::string("add")}});
  }
  return as_images(graph_.node("Log", {graph_.node("Add", {maps, graph_.scalar(1.0F)})}));
}

// [events L T P, C] -> [events, L C, T, P]
std::string MapWriter::as_images(const std::string& maps) {
  const std::string split =
      graph_.node("Reshape", {maps, graph_.indices({-1, n_station_layers, map_.theta_cells,
                                                    map_.phi_cells, map_.channels})});
  const std::string turned =
      graph_.node("Transpose", {split}, {{"perm", std::vector<std::int64_t>{0, 1, 4, 2, 3}}});
  return graph_.node("Reshape", {turned, graph_.indices({-1, n_station_layers * map_.channels,
                                                         map_.theta_cells, map_.phi_cells})});
}

std::string MapWriter::convolve(std::string maps) {
  for (const std::string& layer : map_.convolutions) {
    const std::string around =
        graph_.node("Concat", {column(maps, map_.phi_cells - 1), maps, column(maps, 0)},
                    {{"axis", std::int64_t{3}}});
    const std::string sums = graph_.node(
        "Conv", {around, writer_.constant(layer + ".weight"), writer_.constant(layer + ".bias")},
        {{"pads", std::vector<std::int64_t>{1, 0, 1, 0}}});
    maps = graph_.node("Relu", {sums});
  }
  return maps;
}

// [events, 2 C, T, P] -> [M, 2 C]
std::string MapWriter::read(const std::string& maps) {
  const std::string turned =
      graph_.node("Transpose", {maps}, {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}});
  const std::string cells =
      graph_.node("Reshape", {turned, graph_.indices({-1, map_.read_channels()})});
  std::string sum;
  for (std::size_t i = 0; i < places_.cells.size(); ++i) {
    const std::string row = graph_.node("Add", {places_.first_cell, places_.cells[i]});
    const std::string rows = graph_.node("Gather", {cells, row}, {{"axis", std::int64_t{0}}});
    const std::string part = graph_.node("Mul", {rows, places_.weights[i]});
    sum = sum.empty() ? part : graph_.node("Add", {sum, part});
  }
  return sum;
}

}  // namespace

const MapPlaces& NetworkWriter::map_places(const Stage& stage) {
  if (!places_) places_ = PlaceWriter(*this, stage).write();
  return *places_;
}

std::string write_station_map(NetworkWriter& writer, const Stage& stage,
                              const StageInputs& inputs) {
  return MapWriter(writer, stage).write(inputs.front());
}

}  // namespace stationhit::exporter
