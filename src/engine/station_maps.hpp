// Maps of the station layers (models/station_map.hpp has the formulas). The channels of a cell lie
// side by side, so a convolution is a product. Most of a map is empty: the first convolution goes
// from the cells that hits have written to, the last one to the cells that hits read.
#pragma once

#include <optional>
#include <span>
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
  LinearWeights in;
  // The first convolution, for each station layer: [9 x padded columns of its output, C], the cells
  // that a cell adds to one after the other. Then its bias, [padded columns].
  std::vector<LinearWeights> first_convolution;
  std::vector<float> first_bias;
  std::vector<LinearWeights> convolutions;  // the others: [out, 9 x in], cell by cell
  Layer hidden;                             // out.0
  LinearWeights last;                       // out.1
  std::optional<Value> after;
  Value inside, out;  // inside: [rows, 2], u
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
  void write_blocks(const Run& run, std::size_t rows) const;
  void convolve_blocks(const Run& run, const Matrix& maps) const;
  void close_borders(const Matrix& maps) const;
  void convolve_all(const Run& run, const LinearWeights& weights, const Matrix& from,
                    const Matrix& to) const;
  void list_cells_read(const Run& run, std::size_t rows) const;
  void convolve_cells(const Run& run, const LinearWeights& weights, const Matrix& from,
                      const Matrix& to) const;
  void read_maps(const Run& run, const ConstMatrix& maps) const;

  StationMapParts parts_;
};

}  // namespace stationhit::engine
