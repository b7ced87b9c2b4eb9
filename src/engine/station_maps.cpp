#include "station_maps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <tuple>

#include <stationhit/kernels/row_operations.hpp>
#include <stationhit/kernels/scattered_rows.hpp>

namespace stationhit::engine {
namespace {

using architecture::n_station_layers;
using kernels::Panel;

constexpr std::size_t corners = std::tuple_size_v<decltype(MapPlace::cells)>;

// The two cells around a place on one axis, and how far it is from the first.
struct AxisPlace {
  std::int64_t low = 0;
  float inside = 0;
};

AxisPlace around(float angle, float cells_per_radian) {
  const float place = angle * cells_per_radian - 0.5F, floor = std::floor(place);
  return {static_cast<std::int64_t>(floor), place - floor};
}

}  // namespace

std::size_t StationMaps::bytes() const {
  std::size_t sum = parts_.in.bytes() + parts_.hidden.weights.bytes() + parts_.last.bytes();
  for (const auto& of_layer : parts_.first_convolution) sum += of_layer.bytes();
  for (const auto& convolution : parts_.convolutions) sum += convolution.bytes();
  return sum;
}

void StationMaps::run(const Run& run) const {
  auto& memory = run.memory();
  run.write(parts_.out);
  const std::size_t rows = cells_of_event() * find_places(run);
  const auto channels = static_cast<std::size_t>(parts_.map.read_channels());
  const auto maps_of = [&](std::size_t number) {
    const std::size_t stride = kernels::padded_columns(channels);
    return Matrix{memory.maps.at(number).reserve(rows * stride), rows, channels, stride};
  };
  write_blocks(run, rows);
  Matrix maps = maps_of(0);
  convolve_blocks(run, maps);
  for (std::size_t i = 0; i < parts_.convolutions.size(); ++i) {
    close_borders(maps);
    const Matrix next = maps_of((i + 1) % 2);
    if (i + 1 < parts_.convolutions.size()) {
      convolve_all(run, parts_.convolutions[i], maps, next);
    } else {
      list_cells_read(run, rows);
      convolve_cells(run, parts_.convolutions[i], maps, next);
    }
    maps = next;
  }
  read_maps(run, maps);
}

MapPlace StationMaps::place_of(const float* features, std::size_t event) const {
  constexpr double pi = std::numbers::pi;
  const auto& map = parts_.map;
  const auto feature = [&](std::size_t i) {
    return features[static_cast<std::size_t>(map.columns[i])];
  };
  const auto n_phi = static_cast<double>(map.phi_cells),
             n_theta = static_cast<double>(map.theta_cells);
  const AxisPlace p =
      around(feature(0) + static_cast<float>(pi), static_cast<float>(n_phi / (2 * pi)));
  const AxisPlace t = around(feature(1), static_cast<float>(n_theta / pi));
  MapPlace place;
  place.layer = static_cast<std::size_t>(
      std::clamp<std::int64_t>(static_cast<std::int64_t>(feature(2)), 0, n_station_layers - 1));
  place.share = 1 / feature(3);
  place.inside = {p.inside, t.inside};
  for (std::size_t corner = 0; corner < 4; ++corner) {
    const auto up = static_cast<std::int64_t>(corner / 2),
               right = static_cast<std::int64_t>(corner % 2);
    const auto theta = std::clamp<std::int64_t>(t.low + up, 0, map.theta_cells - 1);
    const auto phi = ((p.low + right) % map.phi_cells + map.phi_cells) % map.phi_cells;
    place.cells.at(corner) = event * cells_of_event() +
                             static_cast<std::size_t>(theta + 1) * bordered_phi() +
                             static_cast<std::size_t>(phi + 1);
    place.weights.at(corner) =
        (up == 1 ? t.inside : 1 - t.inside) * (right == 1 ? p.inside : 1 - p.inside);
  }
  return place;
}

// The number of events is the result.
std::size_t StationMaps::find_places(const Run& run) const {
  const ConstMatrix features = run.read(parts_.features);
  const auto events = run.row_set(parts_.out.row_set).event_of_row;
  auto& places = run.memory().places;
  places.clear();
  const Matrix inside = run.write(parts_.inside);
  for (std::size_t i = 0; i < features.rows; ++i) {
    const std::size_t event = events.empty() ? 0 : static_cast<std::size_t>(events[i]);
    places.push_back(place_of(features.row(i), event));
    std::ranges::copy(places.back().inside, inside.row(i));
  }
  return events.empty() ? 1 : static_cast<std::size_t>(events.back()) + 1;
}

// Fills the blocks of channels, one for every cell and layer that hits write to, in the order in
// which they are met, and takes their logarithm.
void StationMaps::write_blocks(const Run& run, std::size_t rows) const {
  auto& memory = run.memory();
  const auto& places = memory.places;
  const auto channels = static_cast<std::size_t>(parts_.map.channels);
  constexpr auto n_layers = static_cast<std::size_t>(n_station_layers);
  memory.block_of_cell.assign(rows * n_layers, -1);
  for (MapBlocks& blocks : memory.blocks) blocks.cells.clear();
  const std::size_t stride = kernels::padded_columns(channels);
  const auto block_at = [&](std::size_t layer, std::size_t cell) {
    MapBlocks& blocks = memory.blocks.at(layer);
    std::int32_t& number = memory.block_of_cell[cell * n_layers + layer];
    const bool is_new = number < 0;
    if (is_new) {
      number = static_cast<std::int32_t>(blocks.cells.size());
      blocks.cells.push_back(cell);
    }
    float* block = blocks.values.data() + static_cast<std::size_t>(number) * stride;
    if (is_new) std::fill_n(block, stride, 0.0F);
    return block;
  };
  for (MapBlocks& blocks : memory.blocks) blocks.values.reserve(corners * places.size() * stride);
  for_blocks(run, places.size(), [&](std::size_t first, std::size_t n) {
    const Matrix values = run.memory().scratch.matrix(n, channels);
    parts_.in.multiply(run, panels_of(*parts_.placed, run, first, n), {.slope = 0}, values);
    std::array<float*, corners * block_rows> to;
    std::array<float, corners * block_rows> weights;
    for (std::size_t i = 0; i < n; ++i) {
      const MapPlace& place = places[first + i];
      for (std::size_t corner = 0; corner < corners; ++corner) {
        to.at(i * corners + corner) = block_at(place.layer, place.cells.at(corner));
        weights.at(i * corners + corner) = place.share * place.weights.at(corner);
      }
    }
    kernels::add_to_scattered(values, std::span(weights).first(n * corners),
                              std::span(to).first(n * corners));
  });
  for (MapBlocks& blocks : memory.blocks)
    kernels::apply_log1p({blocks.values.data(), blocks.cells.size() * stride});
}

// relu(first convolution): every block adds to the nine cells around it. Cells beyond the ends of
// theta are left out, those beyond phi = +-pi are at the other end.
void StationMaps::convolve_blocks(const Run& run, const Matrix& maps) const {
  auto& memory = run.memory();
  const auto channels = static_cast<std::size_t>(parts_.map.channels);
  for (std::size_t cell = 0; cell < maps.rows; ++cell)
    std::ranges::copy(parts_.first_bias, maps.row(cell));
  const std::size_t n_phi = bordered_phi(), n_rows = cells_of_event() / n_phi;
  const std::size_t stride = kernels::padded_columns(channels);
  for (std::size_t layer = 0; layer < memory.blocks.size(); ++layer) {
    const MapBlocks& blocks = memory.blocks.at(layer);
    for_blocks(run, blocks.cells.size(), [&](std::size_t first, std::size_t n) {
      const Matrix sums = memory.scratch.matrix(n, 9 * maps.stride);
      const Panel panel{blocks.values.data() + first * stride, stride, channels};
      parts_.first_convolution[layer].multiply(run, panel, {}, sums);
      std::array<float*, 9 * block_rows> to;
      auto next = to.begin();
      for (const std::size_t cell : std::span(blocks.cells).subspan(first, n)) {
        const std::size_t row = cell / n_phi, phi = cell % n_phi, in_event = row % n_rows;
        for (std::size_t i = 0; i < 9; ++i) {
          // What the cell is for the other one is turned around: it adds to the cell below itself
          // what that one reads from above.
          const std::size_t to_row = row + 1 - i / 3, theta = in_event + 1 - i / 3;
          std::size_t to_phi = phi + 1 - i % 3;
          if (to_phi == 0) to_phi = n_phi - 2;
          if (to_phi == n_phi - 1) to_phi = 1;
          const bool is_outside = theta == 0 || theta == n_rows - 1;
          *next++ = is_outside ? nullptr : maps.row(to_row * n_phi + to_phi);
        }
      }
      const ConstMatrix by_cell{sums.data, 9 * n, maps.columns, maps.stride};
      kernels::add_to_scattered(by_cell, {}, std::span(to).first(9 * n));
    });
  }
  kernels::finish_rows(maps, {}, 0, {}, maps);
}

// The border continues the map around phi and is 0 beyond the ends of theta.
void StationMaps::close_borders(const Matrix& maps) const {
  const std::size_t n_phi = bordered_phi(), n_rows = cells_of_event() / n_phi;
  const auto copy = [&](std::size_t from, std::size_t to) {
    std::copy_n(maps.row(from), maps.stride, maps.row(to));
  };
  for (std::size_t row = 0; row < maps.rows / n_phi; ++row) {
    const std::size_t first = row * n_phi, in_event = row % n_rows;
    if (in_event == 0 || in_event == n_rows - 1) {
      std::fill_n(maps.row(first), n_phi * maps.stride, 0.0F);
    } else {
      copy(first + n_phi - 2, first);
      copy(first + 1, first + n_phi - 1);
    }
  }
}

void StationMaps::convolve_all(const Run& run, const LinearWeights& weights, const Matrix& from,
                               const Matrix& to) const {
  const std::size_t n_phi = bordered_phi(), n_rows = cells_of_event() / n_phi;
  for (std::size_t row = 0; row < from.rows / n_phi; ++row) {
    if (row % n_rows == 0 || row % n_rows == n_rows - 1) continue;
    std::array<Panel, 9> around;
    for (std::size_t i = 0; i < around.size(); ++i) {
      const float* first = from.row((row + i / 3 - 1) * n_phi + i % 3);
      around.at(i) = {first, from.stride, from.columns};
    }
    weights.multiply(run, around, {.slope = 0}, rows_from(to, row * n_phi + 1, n_phi - 2));
  }
}

// The cells that hits read, each once; the places then name their numbers in this list.
void StationMaps::list_cells_read(const Run& run, std::size_t rows) const {
  auto& memory = run.memory();
  memory.block_of_cell.assign(rows, -1);
  memory.cells_read.clear();
  for (MapPlace& place : memory.places) {
    for (std::size_t& cell : place.cells) {
      std::int32_t& number = memory.block_of_cell[cell];
      if (number < 0) {
        number = static_cast<std::int32_t>(memory.cells_read.size());
        memory.cells_read.push_back(cell);
      }
      cell = static_cast<std::size_t>(number);
    }
  }
}

void StationMaps::convolve_cells(const Run& run, const LinearWeights& weights, const Matrix& from,
                                 const Matrix& to) const {
  const auto& cells = run.memory().cells_read;
  const std::size_t n_phi = bordered_phi(), channels = from.columns;
  for_blocks(run, cells.size(), [&](std::size_t first, std::size_t n) {
    const std::size_t width = 9 * channels;
    float* around = run.memory().scratch.take(n * width);
    std::array<const float*, 9 * block_rows> rows;
    auto next = rows.begin();
    for (const std::size_t cell : std::span(cells).subspan(first, n))
      for (std::size_t i = 0; i < 9; ++i)
        *next++ = from.row(cell + i / 3 * n_phi + i % 3 - n_phi - 1);
    kernels::copy_scattered(std::span(rows).first(9 * n), channels, around);
    const Panel panel{around, width, width};
    weights.multiply(run, panel, {.slope = 0}, rows_from(to, first, n));
  });
}

void StationMaps::read_maps(const Run& run, const ConstMatrix& maps) const {
  const auto& places = run.memory().places;
  const Matrix out = run.write(parts_.out), inside = run.write(parts_.inside);
  const ConstMatrix after = run.read(parts_.after);
  for_blocks(run, out.rows, [&](std::size_t first, std::size_t n) {
    const Matrix read = run.memory().scratch.matrix(n, maps.columns);
    std::array<const float*, corners * block_rows> from;
    std::array<float, corners * block_rows> weights;
    for (std::size_t i = 0; i < n; ++i) {
      const MapPlace& place = places[first + i];
      for (std::size_t corner = 0; corner < corners; ++corner) {
        from.at(i * corners + corner) = maps.row(place.cells.at(corner));
        weights.at(i * corners + corner) = place.weights.at(corner);
      }
    }
    kernels::sum_scattered(std::span(from).first(n * corners),
                           std::span(weights).first(n * corners), read);
    auto& panels = run.memory().panels;
    panels.clear();
    parts_.normed->append(run, first, n, panels);
    panels.push_back(kernels::panel_of(read));
    panels.push_back(kernels::panel_of(rows_from(inside, first, n)));
    const Matrix hidden = run.memory().scratch.matrix(n, out.columns);
    run_layer(run, panels, parts_.hidden.weights, parts_.hidden.activation, {}, hidden);
    parts_.last.multiply(run, kernels::panel_of(hidden), {.after = rows_from(after, first, n)},
                         rows_from(out, first, n));
  });
}

}  // namespace stationhit::engine
