// Three streams: one makes samples from events in several threads, one gives the samples of the
// cache in a shuffled order, and one shuffles the events of the split through a buffer. The pass
// before training decides whether the cache or the buffer is used.
#include "samples.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>
#include <utility>

#include <stationhit/core/pipeline.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/training/shuffle.hpp>

#include "limits.hpp"
#include "own_events.hpp"
#include "stopwatch.hpp"

namespace stationhit::training {
namespace {

// Events are taken from the split one after the other; their inputs are made by several threads.
class SplitStream final : public SampleStream {
 public:
  SplitStream(const TrainingRun& run, std::unique_ptr<features::LabeledEventStream> events)
      : events_(std::move(events)),
        threads_(core::resolve_threads(run.threads)),
        samples_(threads_,
                 static_cast<std::size_t>(run.training.prefetch_batches) *
                     static_cast<std::size_t>(run.training.batch_size),
                 [this] { return take(); }) {}

  std::shared_ptr<const Sample> next() override { return samples_.next().value_or(nullptr); }
  [[nodiscard]] double seconds_making() const override { return making_ / threads_; }

 private:
  using Samples = core::Pipeline<std::shared_ptr<const Sample>>;

  std::optional<Samples::Job> take() {
    auto event = events_->next();
    if (!event) return std::nullopt;
    return [this, make = std::move(*event)] {
      const Stopwatch stopwatch;
      auto sample = std::make_shared<const Sample>(make_sample(make()));
      making_ += stopwatch.seconds();
      return sample;
    };
  }

  std::unique_ptr<features::LabeledEventStream> events_;
  unsigned threads_;
  std::atomic<double> making_ = 0;  // of all threads
  Samples samples_;                 // last: its threads use the events
};

// Of the samples in this order those that the rank takes.
class CacheStream final : public SampleStream {
 public:
  CacheStream(const SampleSource::Cache& cache, std::vector<std::size_t> order, const Ranks& ranks)
      : cache_(cache), order_(std::move(order)), next_(ranks.rank()), step_(ranks.size()) {}

  std::shared_ptr<const Sample> next() override {
    if (next_ >= order_.size()) return nullptr;
    return cache_[order_[std::exchange(next_, next_ + step_)]];
  }

 private:
  const SampleSource::Cache& cache_;
  std::vector<std::size_t> order_;
  std::size_t next_, step_;
};

// Gives a random one of the events that wait, and takes in a new one for it. Only then are its
// inputs made, by the rank that takes it, so the order is the same for any number of ranks.
class ShuffleBuffer final : public features::LabeledEventStream {
 public:
  ShuffleBuffer(std::unique_ptr<features::LabeledEventStream> input, std::uint64_t seed)
      : input_(std::move(input)), engine_(seed) {}

  std::optional<Job> next() override {
    while (waiting_.size() < shuffle_buffer_events) {
      auto event = input_->next();
      if (!event) break;
      waiting_.push_back(std::move(*event));
    }
    if (waiting_.empty()) return std::nullopt;
    // The order of the buffer is of no importance, so the chosen event changes places with the
    // last one and nothing is moved.
    std::swap(waiting_[engine_() % waiting_.size()], waiting_.back());
    auto event = std::move(waiting_.back());
    waiting_.pop_back();
    return event;
  }

  [[nodiscard]] std::optional<std::uint64_t> size() const override { return input_->size(); }

 private:
  std::unique_ptr<features::LabeledEventStream> input_;
  std::mt19937_64 engine_;
  std::vector<Job> waiting_;
};

void add_nodes(NodeCounts& counts, const Sample& sample) {
  const auto signal =
      static_cast<std::uint64_t>(std::count(sample.labels.begin(), sample.labels.end(), 1));
  ++counts.events;
  counts.signal += signal;
  counts.background += sample.labels.size() - signal;
}

// What the inputs of the whole split will take, after those of its first events. Known early, so
// that a split too large for the cache does not fill it first.
std::size_t expected_bytes(std::size_t bytes, const NodeCounts& counts) {
  constexpr std::uint64_t typical_events = 64;
  if (counts.events < typical_events || counts.events_in_split <= counts.events) return bytes;
  return bytes / counts.events * counts.events_in_split;
}

}  // namespace

Sample make_sample(features::LabeledEvent&& event) {
  Sample sample;
  sample.labels = std::move(event.labels);
  sample.first_logits = std::move(event.first_logits);
  sample.features = std::move(event.inputs.features.values);
  sample.neighbors = std::move(event.inputs.neighbors.index);
  sample.offsets = std::move(event.inputs.nodes.offsets);
  sample.event_number = event.truth.event_number;
  return sample;
}

SampleSource::SampleSource(const TrainingRun& run, const TrainingData& data,
                           std::optional<Cache> cache)
    : run_(run), data_(data), cache_(std::move(cache)) {}

std::unique_ptr<SampleStream> SampleSource::stream(std::uint64_t epoch) const {
  if (cache_) return std::make_unique<CacheStream>(*cache_, order_of(epoch), run_.ranks);
  auto events = data_.train(epoch);
  if (shuffles()) events = std::make_unique<ShuffleBuffer>(std::move(events), run_.seed + epoch);
  return std::make_unique<SplitStream>(run_, take_own_events(std::move(events), run_.ranks));
}

bool SampleSource::shuffles() const { return run_.training.overfit_batches == 0; }

std::vector<std::size_t> SampleSource::order_of(std::uint64_t epoch) const {
  if (shuffles()) return shuffled_order(cache_->size(), run_.seed, epoch);
  std::vector<std::size_t> order(cache_->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

ReadSamples read_samples(const TrainingRun& run, const TrainingData& data, Counting counting,
                         const TrainingHooks& hooks, std::size_t budget) {
  auto events = data.train(0);
  NodeCounts counts;
  counts.events_in_split = events->size().value_or(0);
  std::optional<SampleSource::Cache> cache = SampleSource::Cache{};
  std::size_t bytes = 0;
  SplitStream samples(run, std::move(events));
  while (counts.events < reading_limit(run) && (cache || counting == Counting::all_events)) {
    if (hooks.stop_requested()) break;
    auto sample = samples.next();
    if (!sample) break;
    add_nodes(counts, *sample);
    bytes += sample->bytes();
    // From here on samples are counted only; the memory of the cache is free at once.
    if (expected_bytes(bytes, counts) > budget) cache.reset();
    if (cache) cache->push_back(std::move(sample));
    if (hooks.progress)
      hooks.progress({Phase::reading, 0, epochs_of(run), counts.events, counts.events_in_split, 0});
  }
  return {SampleSource(run, data, std::move(cache)), counts};
}

}  // namespace stationhit::training
