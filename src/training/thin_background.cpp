// A group is taken or left out as a whole, because messages only pass inside it: the logits of the
// groups that stay are what they would be in the full event.
#include "thin_background.hpp"

#include <algorithm>
#include <cassert>
#include <random>

#include "sample_groups.hpp"

namespace stationhit::training {
Sample thin_background(const Sample& sample, double share, std::uint64_t seed) {
  assert(share > 0 && share <= 1);
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
