#include "station_map.hpp"

#include <numbers>

#include <stationhit/architecture/network_description.hpp>

#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

using architecture::n_station_layers;
using torch::Tensor;

// The two cells around a place on one axis, and how far it is from the first.
struct AxisPlace {
  Tensor low, high, inside;
};

AxisPlace around(const Tensor& place) {
  const Tensor floor = place.floor(), low = floor.to(torch::kLong);
  return {low, low + 1, place - floor};
}

}  // namespace

MapPlaces find_places(const architecture::MapConfig& config, const Tensor& features,
                      const std::vector<std::int64_t>& columns, const Tensor& events) {
  constexpr double pi = std::numbers::pi;
  const torch::NoGradGuard constant;
  const auto column = [&](std::size_t i) { return features.select(1, columns[i]); };
  const std::int64_t n_phi = config.phi_cells, n_theta = config.theta_cells;
  const AxisPlace p = around((column(0) + pi) * (static_cast<double>(n_phi) / (2 * pi)) - 0.5);
  const AxisPlace t = around(column(1) * (static_cast<double>(n_theta) / pi) - 0.5);
  MapPlaces places;
  const Tensor event = events.defined() ? events : torch::zeros_like(p.low);
  if (events.defined() && events.size(0) > 0) places.events = events[-1].item<std::int64_t>() + 1;
  places.first_cell = event * (n_theta * n_phi);
  places.layer = column(2).to(torch::kLong).clamp(0, n_station_layers - 1);
  std::vector<Tensor> cells, weights;
  for (const auto& [theta, of_theta] : {std::pair(t.low, 1 - t.inside), {t.high, t.inside}}) {
    for (const auto& [phi, of_phi] : {std::pair(p.low, 1 - p.inside), {p.high, p.inside}}) {
      cells.push_back(theta.clamp(0, n_theta - 1) * n_phi + phi.remainder(n_phi));
      weights.push_back((of_theta * of_phi).unsqueeze(1));
    }
  }
  places.cells = torch::stack(cells);
  places.weights = torch::stack(weights);
  places.inside = torch::stack({p.inside, t.inside}, 1);
  places.share = column(3).reciprocal().unsqueeze(1);
  return places;
}

StationMap::StationMap(torch::nn::Module& owner, const architecture::ModelConfig& config)
    : config_(config),
      in_(owner.register_module("in", torch::nn::Linear(config.width + 2, config.map.channels))) {
  const std::int64_t channels = config.map.channels;
  torch::nn::ModuleList convolutions, out;
  for (std::int32_t i = 0; i < config.map.convolutions; ++i) {
    const std::int64_t before = i == 0 ? n_station_layers * channels : 2 * channels;
    convolutions_.emplace_back(
        torch::nn::Conv2dOptions(before, 2 * channels, 3).padding({1, 0}));  // zeros in theta
    convolutions->push_back(convolutions_.back());
  }
  out_.emplace_back(config.width + 2 * channels + 2, config.width);
  out_.emplace_back(config.width, config.width);
  for (const auto& layer : out_) out->push_back(layer);
  owner.register_module("convolutions", convolutions);
  owner.register_module("out", out);
}

Tensor StationMap::operator()(const Tensor& normed, const MapPlaces& places) const {
  const Tensor values =
      torch::relu(apply_linear(in_, torch::cat({normed, places.inside}, 1))) * places.share;
  const Tensor maps = convolve(write(values, places));
  const Tensor joined = torch::cat({normed, read(maps, places), places.inside}, 1);
  return apply_linear(out_[1], activate(config_, apply_linear(out_[0], joined)));
}

// [N, C] -> [events, L C, T, P]. The channels of a cell are next to each other in memory, which is
// what both the sums and the convolutions like best.
Tensor StationMap::write(const Tensor& values, const MapPlaces& places) const {
  const std::int64_t n_phi = config_.map.phi_cells, n_theta = config_.map.theta_cells;
  const Tensor rows = (places.first_cell + places.cells) * n_station_layers + places.layer;
  Tensor maps = torch::zeros({places.events * n_theta * n_phi * n_station_layers, values.size(1)},
                             values.options());
  maps.index_add_(0, rows.flatten(), (values * places.weights).flatten(0, 1));
  return maps.log1p()
      .view({places.events, n_theta, n_phi, n_station_layers * values.size(1)})
      .permute({0, 3, 1, 2});
}

Tensor StationMap::convolve(Tensor maps) const {
  for (auto layer : convolutions_) {
    const Tensor around_phi =
        torch::cat({maps.narrow(3, maps.size(3) - 1, 1), maps, maps.narrow(3, 0, 1)}, 3);
    maps = torch::relu(layer->forward(around_phi));
  }
  return maps;
}

// [events, 2 C, T, P] -> [N, 2 C]
Tensor StationMap::read(const Tensor& maps, const MapPlaces& places) const {
  const Tensor cells = maps.permute({0, 2, 3, 1}).reshape({-1, maps.size(1)});
  const Tensor rows = (places.first_cell + places.cells).flatten();
  return (cells.index_select(0, rows).view({4, -1, maps.size(1)}) * places.weights).sum(0);
}

}  // namespace stationhit::models
