// Maps of the station layers (models/station_map.hpp has the formulas). The channels of a cell lie
// side by side, so a convolution is a product whose left factor are the nine cells around each one.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <stationhit/architecture/network_description.hpp>

#include "operand.hpp"
#include "row_operations.hpp"

namespace stationhit::engine {

struct StationMapParts {
  OperandPointer normed, placed;  // placed: normed with u behind it
  Value features;
  architecture::StationMap map;
  kernels::PackedWeights in;
  std::vector<kernels::PackedWeights> convolutions;  // [out, 9 x in], the cells of a row first
  Layer hidden;                                      // out.0
  kernels::PackedWeights last;                       // out.1
  std::optional<Value> after;
  Value inside, out;  // [rows, 2]: u
};

class StationMaps : public Operation {
 public:
  explicit StationMaps(StationMapParts parts) : parts_(std::move(parts)) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override;

 private:
  // The maps have a border of one cell on every side.
  [[nodiscard]] std::size_t bordered_phi() const {
    return static_cast<std::size_t>(parts_.map.phi_cells) + 2;
  }
  [[nodiscard]] std::size_t cells_of_event() const {
    return bordered_phi() * (static_cast<std::size_t>(parts_.map.theta_cells) + 2);
  }
  [[nodiscard]] MapPlace place_of(const float* features, std::size_t event) const;
  std::size_t find_places(const Run& run) const;
  void write_maps(const Run& run, const Matrix& maps) const;
  void close_borders(const Matrix& maps) const;
  void convolve(const kernels::PackedWeights& weights, const Matrix& from, const Matrix& to) const;
  void read_maps(const Run& run, const ConstMatrix& maps) const;

  StationMapParts parts_;
};

}  // namespace stationhit::engine
