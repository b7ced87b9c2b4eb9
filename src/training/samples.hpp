// The training split as a stream of network inputs in a new order every epoch. Free of Torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/features/labelled_events.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// Network inputs and labels of one event.
struct Sample {
  std::vector<float> features;           // [n_nodes, F]
  std::vector<std::int32_t> neighbours;  // [n_nodes, k], -1 padded; empty: fully connected groups
  std::vector<std::uint8_t> labels;      // [n_nodes]
  std::vector<std::uint32_t> offsets;    // [n_groups + 1]: the nodes of group g are [offsets[g],
                                         // offsets[g + 1]); neighbours are in the same group
  std::vector<float> weights;            // [n_nodes] in the loss; empty = 1 each

  [[nodiscard]] std::size_t bytes() const {
    return (features.size() + neighbours.size() + offsets.size() + weights.size()) * 4 +
           labels.size();
  }
};

[[nodiscard]] Sample make_sample(features::LabelledEvent&& event);

struct NodeCounts {
  std::uint64_t events = 0, signal = 0, background = 0;
  std::uint64_t events_in_split = 0;  // 0 = the reader does not know
};

// Splits whose inputs fit into this many bytes stay in memory; of larger ones so many events wait
// in the shuffle buffer.
inline constexpr std::size_t cache_budget = std::size_t{1} << 30U;
inline constexpr std::size_t shuffle_buffer_events = 256;

class SampleSource {
 public:
  using Stream = std::function<std::shared_ptr<const Sample>()>;  // null at the end

  SampleSource(TrainingRun run, TrainingData data, std::size_t budget = cache_budget);

  // One pass over the split: counts its nodes and keeps the inputs where they fit. Called once,
  // before the first stream. count_all = false: the pass may end early once the inputs do not fit
  // (the counts are incomplete then).
  NodeCounts prepare(bool count_all, const TrainingHooks& hooks);

  // The samples of an epoch, in an order that depends on seed and epoch only.
  [[nodiscard]] Stream stream(std::uint64_t epoch) const;

  [[nodiscard]] bool cached() const { return cached_; }

 private:
  [[nodiscard]] Stream read(std::uint64_t epoch) const;
  [[nodiscard]] Stream shuffled_cache(std::uint64_t epoch) const;
  [[nodiscard]] Stream shuffled_read(std::uint64_t epoch) const;
  void keep(std::shared_ptr<const Sample> sample);

  TrainingRun run_;
  TrainingData data_;
  std::size_t budget_, bytes_ = 0;
  bool cached_ = true;
  std::vector<std::shared_ptr<const Sample>> cache_;
};

}  // namespace stationhit::training
