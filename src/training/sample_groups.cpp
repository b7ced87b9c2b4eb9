#include "sample_groups.hpp"

#include <algorithm>
#include <iterator>

namespace stationhit::training {

void append_group(const Sample& from, std::uint32_t begin, std::uint32_t end, float weight,
                  Sample& to) {
  const std::size_t n_features = from.features.size() / from.labels.size(),
                    k = from.neighbors.size() / from.labels.size();
  // Neighbors are node numbers of the event and move with their group.
  const auto shift = static_cast<std::int32_t>(to.labels.size()) - static_cast<std::int32_t>(begin);
  const auto append_rows = [&](const auto& values, std::size_t columns, auto& result) {
    result.insert(result.end(), values.data() + begin * columns, values.data() + end * columns);
  };
  append_rows(from.features, n_features, to.features);
  append_rows(from.labels, 1, to.labels);
  if (!from.first_logits.empty()) append_rows(from.first_logits, 1, to.first_logits);
  std::transform(from.neighbors.data() + begin * k, from.neighbors.data() + end * k,
                 std::back_inserter(to.neighbors),
                 [shift](std::int32_t j) { return j < 0 ? j : j + shift; });
  to.weights.insert(to.weights.end(), end - begin, weight);
  to.offsets.push_back(static_cast<std::uint32_t>(to.labels.size()));
}

}  // namespace stationhit::training
