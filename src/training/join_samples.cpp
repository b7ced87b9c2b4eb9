#include "join_samples.hpp"

#include <algorithm>

namespace stationhit::training {
namespace {

void append(std::vector<float>& all, const std::vector<float>& values) {
  all.insert(all.end(), values.begin(), values.end());
}

// Weights of a sample where others have some.
void append_weights(std::vector<float>& all, const Sample& sample) {
  if (sample.weights.empty())
    all.insert(all.end(), sample.labels.size(), 1.0F);
  else
    append(all, sample.weights);
}

void append_neighbors(std::vector<std::int32_t>& all, const Sample& sample,
                      std::int32_t first_node) {
  for (const std::int32_t neighbor : sample.neighbors)
    all.push_back(neighbor < 0 ? neighbor : neighbor + first_node);
}

}  // namespace

JoinedSamples join_samples(std::span<const Sample* const> samples) {
  JoinedSamples joined;
  Sample& all = joined.sample;
  const bool weighted =
      std::ranges::any_of(samples, [](const Sample* sample) { return !sample->weights.empty(); });
  all.offsets.push_back(0);
  std::int64_t event = 0;
  for (const Sample* sample : samples) {
    if (sample->labels.empty()) continue;
    const auto first_node = static_cast<std::uint32_t>(all.labels.size());
    append(all.features, sample->features);
    append_neighbors(all.neighbors, *sample, static_cast<std::int32_t>(first_node));
    for (std::size_t group = 1; group < sample->offsets.size(); ++group)
      all.offsets.push_back(first_node + sample->offsets[group]);
    if (weighted) append_weights(all.weights, *sample);
    append(all.first_logits, sample->first_logits);
    all.labels.insert(all.labels.end(), sample->labels.begin(), sample->labels.end());
    joined.events.insert(joined.events.end(), sample->labels.size(), event++);
  }
  return joined;
}

}  // namespace stationhit::training
