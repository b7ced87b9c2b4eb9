#include "groups.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include <torch/torch.h>

namespace stationhit::models {

using torch::Tensor;

GroupsBySize::GroupsBySize(const Tensor& offsets, const torch::Device& device) {
  assert(offsets.dim() == 1 && offsets.size(0) >= 1 && offsets.scalar_type() == torch::kLong &&
         offsets.is_cpu());
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

Tensor GroupsBySize::map_sorted(const Tensor& values, const Work& work) const {
  if (runs_.empty()) return work(values.unsqueeze(1)).flatten(0, 1);  // no groups of one node
  std::vector<Tensor> results;
  const auto parts = values.split_with_sizes(nodes_);
  for (std::size_t i = 0; i < runs_.size(); ++i)
    results.push_back(
        work(parts[i].view({runs_[i].groups, runs_[i].size, values.size(1)})).flatten(0, 1));
  return torch::cat(results);
}

Tensor GroupsBySize::attend(const Tensor& qkv, std::int64_t heads) const {
  const auto width = qkv.size(1) / 3;
  return map_sorted(qkv, [&](const Tensor& part) {
    const Tensor heads_first =
        part.view({part.size(0), part.size(1), 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const Tensor attended =
        at::scaled_dot_product_attention(heads_first[0], heads_first[1], heads_first[2]);
    return attended.transpose(1, 2).reshape({part.size(0), part.size(1), width});
  });
}

}  // namespace stationhit::models
