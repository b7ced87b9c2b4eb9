// The training split as a stream of network inputs in a new order every epoch. Free of Torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

#include "sample.hpp"

namespace stationhit::training {

struct NodeCounts {
  std::uint64_t events = 0, signal = 0, background = 0;
  std::uint64_t events_in_split = 0;  // 0 = the reader does not know
};

// Of splits that do not stay in memory, so many events wait in the shuffle buffer.
inline constexpr std::size_t shuffle_buffer_events = 256;

class SampleStream {
 public:
  virtual ~SampleStream() = default;
  // Null at the end. Throws what the stream of the split throws.
  virtual std::shared_ptr<const Sample> next() = 0;
  // What the inputs of events took so far, in s of the threads that make them, on average.
  [[nodiscard]] virtual double seconds_making() const { return 0; }
};

// Run and data must outlive the source, the source its streams.
class SampleSource {
 public:
  using Cache = std::vector<std::shared_ptr<const Sample>>;

  // cache: the whole split; nothing: every stream reads the split again.
  SampleSource(const TrainingRun& run, const TrainingData& data, std::optional<Cache> cache);

  // The samples of an epoch that the rank of the run takes. The order of the epoch depends on seed
  // and epoch only (with training.overfit_batches it is that of the split), and rank r takes every
  // n_ranks-th of it from number r on.
  [[nodiscard]] std::unique_ptr<SampleStream> stream(std::uint64_t epoch) const;

  [[nodiscard]] bool cached() const { return cache_.has_value(); }

 private:
  [[nodiscard]] bool shuffles() const;
  // Of the samples of the cache.
  [[nodiscard]] std::vector<std::size_t> order_of(std::uint64_t epoch) const;

  const TrainingRun& run_;
  const TrainingData& data_;
  std::optional<Cache> cache_;
};

// The range of the pass before training: to the end of the split, or only as long as its inputs may
// still fit into memory (the counts are then incomplete).
enum class Counting { all_events, cached_events };

struct ReadSamples {
  SampleSource source;
  NodeCounts counts;
};

// One pass over the split: counts its nodes and keeps the inputs where they fit into `budget`
// bytes. Ends early if the stop flag comes.
[[nodiscard]] ReadSamples read_samples(const TrainingRun& run, const TrainingData& data,
                                       Counting counting, const TrainingHooks& hooks,
                                       std::size_t budget);

}  // namespace stationhit::training
