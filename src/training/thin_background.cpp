// A group is taken or left out as a whole, because messages only pass inside it: the logits of the
// groups that stay are what they would be in the full event.
#include "thin_background.hpp"

#include <algorithm>
#include <cassert>
#include <random>

namespace stationhit::training {
namespace {

// Appends the nodes [begin, end) of `from`, each of weight `weight`, as one group.
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

}  // namespace

Sample thin_background(const Sample& sample, double share, std::uint64_t seed) {
  assert(share > 0 && share <= 1 && sample.weights.empty());
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform;
  Sample kept;
  kept.offsets.push_back(0);
  for (std::size_t group = 0; group + 1 < sample.offsets.size(); ++group) {
    const std::uint32_t begin = sample.offsets[group], end = sample.offsets[group + 1];
    const bool signal = std::any_of(sample.labels.begin() + begin, sample.labels.begin() + end,
                                    [](std::uint8_t label) { return label != 0; });
    if (signal || uniform(engine) < share)
      append_group(sample, begin, end, signal ? 1.0F : static_cast<float>(1 / share), kept);
  }
  return kept;
}

}  // namespace stationhit::training
