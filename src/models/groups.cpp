#include "groups.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include <torch/torch.h>

namespace stationhit::models {

using torch::Tensor;

GroupsBySize::GroupsBySize(const Tensor& offsets, const torch::Device& device) {
  assert(offsets.dim() == 1 && offsets.size(0) >= 1 && offsets.scalar_type() == torch::kLong && offsets.is_cpu());
  const auto first = offsets.accessor<std::int64_t, 1>();
  const auto size_of = [&](std::int64_t group) { return first[group + 1] - first[group]; };
  std::vector<std::int64_t> groups(static_cast<std::size_t>(offsets.size(0) - 1));
  std::iota(groups.begin(), groups.end(), 0);
  std::ranges::stable_sort(groups, {}, size_of);
  std::vector<std::int64_t> order;
  for (const auto group : groups) {
    const auto size = size_of(group);
    if (size == 0) continue;
    if (runs_.empty() || runs_.back().size != size) {
      runs_.push_back({0, size});
      nodes_.push_back(0);
    }
    ++runs_.back().groups;
    nodes_.back() += size;
    for (std::int64_t node = first[group]; node < first[group + 1]; ++node) order.push_back(node);
  }
  order_ = torch::tensor(order, torch::kLong).to(device);
  place_ = order_.argsort();
}

Tensor GroupsBySize::attend(const Tensor& qkv, std::int64_t heads) const {
  const auto width = qkv.size(1) / 3;
  if (runs_.empty()) return qkv.narrow(1, 0, width);
  std::vector<Tensor> results;
  const auto parts = qkv.split_with_sizes(nodes_);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const auto [groups, size] = runs_[i];
    const Tensor heads_first = parts[i].view({groups, size, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const Tensor attended = at::scaled_dot_product_attention(heads_first[0], heads_first[1], heads_first[2]);
    results.push_back(attended.transpose(1, 2).reshape({groups * size, width}));
  }
  return torch::cat(results);
}

}  // namespace stationhit::models
