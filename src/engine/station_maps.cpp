#include "station_maps.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <stationhit/kernels/row_operations.hpp>

namespace stationhit::engine {
namespace {

using architecture::n_station_layers;
using kernels::Panel;

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
  for (const auto& convolution : parts_.convolutions) sum += convolution.bytes();
  return sum;
}

void StationMaps::run(const Run& run) const {
  auto& memory = run.memory();
  run.write(parts_.out);
  const std::size_t rows = cells_of_event() * find_places(run);
  const auto maps_of = [&](std::size_t number, std::int64_t channels) {
    const auto n = static_cast<std::size_t>(channels);
    const std::size_t stride = kernels::padded_columns(n);
    return Matrix{memory.maps.at(number).reserve(rows * stride), rows, n, stride};
  };
  Matrix maps = maps_of(0, n_station_layers * parts_.map.channels);
  write_maps(run, maps);
  for (std::size_t i = 0; i < parts_.convolutions.size(); ++i) {
    close_borders(maps);
    const Matrix next = maps_of((i + 1) % 2, parts_.map.read_channels());
    convolve(parts_.convolutions[i], maps, next);
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

void StationMaps::write_maps(const Run& run, const Matrix& maps) const {
  const auto& places = run.memory().places;
  std::fill_n(maps.data, maps.rows * maps.stride, 0.0F);
  const auto channels = static_cast<std::size_t>(parts_.map.channels);
  for_blocks(run, places.size(), [&](std::size_t first, std::size_t n) {
    const Matrix values = run.memory().scratch.matrix(n, channels);
    kernels::multiply(panels_of(*parts_.placed, run, first, n), parts_.in, {.slope = 0}, values);
    for (std::size_t i = 0; i < n; ++i) {
      const MapPlace& place = places[first + i];
      for (std::size_t corner = 0; corner < 4; ++corner) {
        const float weight = place.share * place.weights.at(corner);
        float* to = maps.row(place.cells.at(corner)) + place.layer * channels;
        for (std::size_t c = 0; c < channels; ++c) to[c] += values.row(i)[c] * weight;
      }
    }
  });
  kernels::apply_log1p({maps.data, maps.rows * maps.stride});
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

void StationMaps::convolve(const kernels::PackedWeights& weights, const Matrix& from,
                           const Matrix& to) const {
  const std::size_t n_phi = bordered_phi(), n_rows = cells_of_event() / n_phi;
  for (std::size_t row = 0; row < from.rows / n_phi; ++row) {
    if (row % n_rows == 0 || row % n_rows == n_rows - 1) continue;
    std::array<Panel, 9> around;
    for (std::size_t i = 0; i < around.size(); ++i) {
      const float* first = from.row((row + i / 3 - 1) * n_phi + i % 3);
      around.at(i) = {first, from.stride, from.columns};
    }
    kernels::multiply(around, weights, {.slope = 0}, rows_from(to, row * n_phi + 1, n_phi - 2));
  }
}

void StationMaps::read_maps(const Run& run, const ConstMatrix& maps) const {
  const auto& places = run.memory().places;
  const Matrix out = run.write(parts_.out), inside = run.write(parts_.inside);
  const ConstMatrix after = parts_.after ? run.read(*parts_.after) : ConstMatrix();
  for_blocks(run, out.rows, [&](std::size_t first, std::size_t n) {
    const Matrix read = run.memory().scratch.matrix(n, maps.columns);
    for (std::size_t i = 0; i < n; ++i) {
      const MapPlace& place = places[first + i];
      std::fill_n(read.row(i), read.stride, 0.0F);
      for (std::size_t corner = 0; corner < 4; ++corner) {
        const float* cell = maps.row(place.cells.at(corner));
        for (std::size_t c = 0; c < maps.columns; ++c)
          read.row(i)[c] += cell[c] * place.weights.at(corner);
      }
    }
    auto& panels = run.memory().panels;
    panels.clear();
    parts_.normed->append(run, first, n, panels);
    panels.push_back({read.data, read.stride, read.columns});
    panels.push_back({inside.row(first), inside.stride, inside.columns});
    const Matrix hidden = run.memory().scratch.matrix(n, out.columns);
    run_layer(panels, parts_.hidden.weights, parts_.hidden.activation, {}, run.memory().scratch,
              hidden);
    const Panel panel{hidden.data, hidden.stride, hidden.columns};
    kernels::multiply({&panel, 1}, parts_.last, {.after = rows_from(after, first, n)},
                      rows_from(out, first, n));
  });
}

}  // namespace stationhit::engine
