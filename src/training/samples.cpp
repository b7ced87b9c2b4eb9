#include "samples.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <stationhit/core/pipeline.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/training/shuffle.hpp>

#include "limits.hpp"

namespace stationhit::training {
namespace {

// Gives a random one of the samples that wait, and takes in a new one for it.
class ShuffleBuffer {
 public:
  ShuffleBuffer(SampleSource::Stream input, std::uint64_t seed)
      : input_(std::move(input)), engine_(seed) {}

  std::shared_ptr<const Sample> next() {
    while (waiting_.size() < shuffle_buffer_events) {
      auto sample = input_();
      if (!sample) break;
      waiting_.push_back(std::move(sample));
    }
    if (waiting_.empty()) return nullptr;
    std::swap(waiting_[engine_() % waiting_.size()], waiting_.back());
    auto sample = std::move(waiting_.back());
    waiting_.pop_back();
    return sample;
  }

 private:
  SampleSource::Stream input_;
  std::mt19937_64 engine_;
  std::vector<std::shared_ptr<const Sample>> waiting_;
};

}  // namespace

Sample make_sample(features::LabelledEvent&& event) {
  Sample sample;
  sample.labels = std::move(event.labels);
  sample.features = std::move(event.inputs.features.values);
  sample.neighbours = std::move(event.inputs.neighbours.index);
  sample.offsets = std::move(event.inputs.nodes.offsets);
  return sample;
}

SampleSource::SampleSource(TrainingRun run, TrainingData data, std::size_t budget)
    : run_(std::move(run)), data_(std::move(data)), budget_(budget) {}

void SampleSource::keep(std::shared_ptr<const Sample> sample) {
  if (!cached_) return;
  bytes_ += sample->bytes();
  cache_.push_back(std::move(sample));
  if (bytes_ <= budget_) return;
  cached_ = false;
  cache_.clear();
  cache_.shrink_to_fit();
}

NodeCounts SampleSource::prepare(bool count_all, const TrainingHooks& hooks) {
  NodeCounts counts;
  counts.events_in_split = data_.train(0)->size().value_or(0);
  const Stream samples = read(0);
  while (counts.events < events_limit(run_) && (cached_ || count_all)) {
    if (hooks.stop_requested()) break;
    auto sample = samples();
    if (!sample) break;
    const auto signal =
        static_cast<std::uint64_t>(std::count(sample->labels.begin(), sample->labels.end(), 1));
    ++counts.events;
    counts.signal += signal;
    counts.background += sample->labels.size() - signal;
    keep(std::move(sample));
    if (hooks.progress)
      hooks.progress(
          {Phase::reading, 0, epochs_of(run_), counts.events, counts.events_in_split, 0});
  }
  return counts;
}

SampleSource::Stream SampleSource::stream(std::uint64_t epoch) const {
  return cached_ ? shuffled_cache(epoch) : shuffled_read(epoch);
}

// Events are taken from the split one after the other; their inputs are made by several threads.
SampleSource::Stream SampleSource::read(std::uint64_t epoch) const {
  using Samples = core::Pipeline<std::shared_ptr<const Sample>>;
  const auto take = [events = std::shared_ptr<features::LabelledEventStream>(
                         data_.train(epoch))]() -> std::optional<Samples::Job> {
    auto event = events->next();
    if (!event) return std::nullopt;
    return
        [make = std::move(*event)] { return std::make_shared<const Sample>(make_sample(make())); };
  };
  const auto ahead = static_cast<std::size_t>(run_.training.prefetch_batches) *
                     static_cast<std::size_t>(run_.training.batch_size);
  const auto samples = std::make_shared<Samples>(core::resolve_threads(run_.threads), ahead, take);
  return [samples] { return samples->next().value_or(nullptr); };
}

SampleSource::Stream SampleSource::shuffled_cache(std::uint64_t epoch) const {
  return [this, order = shuffled_order(cache_.size(), run_.seed, epoch),
          next = std::size_t{0}]() mutable {
    return next < order.size() ? cache_[order[next++]] : nullptr;
  };
}

SampleSource::Stream SampleSource::shuffled_read(std::uint64_t epoch) const {
  const auto buffer = std::make_shared<ShuffleBuffer>(read(epoch), run_.seed + epoch);
  return [buffer] { return buffer->next(); };
}

}  // namespace stationhit::training
