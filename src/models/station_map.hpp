// Maps of the station layers: the surroundings of a hit in the other stations.
//
// P, T: cells in phi and theta; L = architecture::n_station_layers; C channels. For row i with
// hidden values h_i:
//   p = (phi + pi) P / (2 pi) - 1/2, t = theta T / pi - 1/2, u = [p - floor(p), t - floor(t)]
//   written values: relu(in([h_i ; u])) / nBuckets, so that a hit in two buckets counts once
//   map of a layer: sum over its rows, spread over the four cells whose centers surround (p, t)
//   with bilinear weights; cells wrap around in phi and end at 0 and pi in theta
//   m = relu(convolutions(...relu(convolutions.0(log(1 + maps)))): all maps of the event together,
//   3 x 3 cells, [L C, T, P] -> [2 C, T, P], circular in phi, zeros beyond the ends in theta
//   r_i = m at (p, t), interpolated with the same weights
//   result: out.1(act(out.0([h_i ; r_i ; u])))
// Events have maps of their own.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::models {

struct MapPlaces {
  std::int64_t events = 1;
  torch::Tensor first_cell;  // [N] int64, of the maps of its event: event T P
  torch::Tensor layer;       // [N] int64
  torch::Tensor cells;       // [4, N] int64, the cells around it: t P + p
  torch::Tensor weights;     // [4, N, 1] bilinear
  torch::Tensor inside;      // [N, 2] u
  torch::Tensor share;       // [N, 1] 1 / nBuckets
};

// features: [N, F] raw, with architecture::map_features in these columns; events: [N] int64 or
// undefined. Constant.
[[nodiscard]] MapPlaces find_places(const architecture::MapConfig& config,
                                    const torch::Tensor& features,
                                    const std::vector<std::int64_t>& columns,
                                    const torch::Tensor& events);

// Modules "in", "convolutions" and "out" of `owner` get its layers.
class StationMap {
 public:
  StationMap(torch::nn::Module& owner, const architecture::ModelConfig& config);
  // normed: [N, W] -> [N, W]
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& normed,
                                         const MapPlaces& places) const;

 private:
  [[nodiscard]] torch::Tensor write(const torch::Tensor& values, const MapPlaces& places) const;
  [[nodiscard]] torch::Tensor convolve(torch::Tensor maps) const;
  [[nodiscard]] torch::Tensor read(const torch::Tensor& maps, const MapPlaces& places) const;

  architecture::ModelConfig config_;
  torch::nn::Linear in_;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::Linear> out_;
};

}  // namespace stationhit::models
