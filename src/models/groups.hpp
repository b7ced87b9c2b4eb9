// Work on all nodes of a group (bucket) together, without padding: groups of equal size share one
// tensor.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <torch/types.h>

namespace stationhit::models {

// The groups ordered by their size. Nodes of a group stay in their order.
class GroupsBySize {
 public:
  // offsets: [G + 1] int64 on the CPU, the nodes of group g are [offsets[g], offsets[g + 1]).
  GroupsBySize(const torch::Tensor& offsets, const torch::Device& device);

  // [N, C] in the order of the nodes -> in the order of the groups, and back.
  [[nodiscard]] torch::Tensor sorted(const torch::Tensor& values) const {
    return values.index_select(0, order_);
  }
  [[nodiscard]] torch::Tensor restored(const torch::Tensor& values) const {
    return values.index_select(0, place_);
  }

  // work for every size in turn: the nodes of its groups, [groups, size, C] -> [groups, size, C'].
  // [N, C] -> [N, C'], both in the order of the nodes.
  using Work = std::function<torch::Tensor(const torch::Tensor&)>;
  [[nodiscard]] torch::Tensor map(const torch::Tensor& values, const Work& work) const {
    return restored(map_sorted(sorted(values), work));
  }

  // Scaled dot product attention of every node over all nodes of its group, itself included. qkv:
  // [N, 3 W], sorted, query | key | value, each with head h in the columns h D .. h D + D - 1 ->
  // [N, W]. No masks, so every fused kernel of Torch applies.
  [[nodiscard]] torch::Tensor attend(const torch::Tensor& qkv, std::int64_t heads) const;

 private:
  [[nodiscard]] torch::Tensor map_sorted(const torch::Tensor& values, const Work& work) const;

  struct Run {
    std::int64_t groups, size;
  };
  std::vector<Run> runs_;            // ascending size
  std::vector<std::int64_t> nodes_;  // of the runs
  torch::Tensor order_, place_;      // [N] int64
};

}  // namespace stationhit::models
