// A part of a split is read through streams of the split: those of whole shards, and one of the cut
// shard that ends early.
#include <algorithm>
#include <numeric>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {
namespace {

using Stream = std::unique_ptr<features::LabeledEventStream>;

class ShortenedStream final : public features::LabeledEventStream {
 public:
  ShortenedStream(Stream stream, std::uint64_t events)
      : stream_(std::move(stream)), events_(events) {}

  std::optional<Job> next() override {
    if (given_ == events_) return std::nullopt;
    ++given_;
    return stream_->next();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_; }

 private:
  Stream stream_;
  std::uint64_t events_, given_ = 0;
};

class JoinedStreams final : public features::LabeledEventStream {
 public:
  JoinedStreams(std::vector<Stream> streams, std::uint64_t events)
      : streams_(std::move(streams)), events_(events) {}

  std::optional<Job> next() override {
    while (at_ < streams_.size()) {
      if (auto event = streams_[at_]->next()) return event;
      streams_[at_++].reset();
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_; }

 private:
  std::vector<Stream> streams_;
  std::size_t at_ = 0;
  std::uint64_t events_;
};

class FirstEvents final : public LabeledSplit {
 public:
  FirstEvents(std::unique_ptr<LabeledSplit> split, std::uint64_t events)
      : split_(std::move(split)), events_(events) {
    std::uint64_t before = 0;
    for (std::size_t shard = 0; before < events; ++shard) {
      shard_events_.push_back(std::min(split_->shard_events(shard), events - before));
      before += shard_events_.back();
    }
  }

  [[nodiscard]] std::uint64_t n_events() const override { return events_; }
  [[nodiscard]] const core::SampleInfo& sample() const override { return split_->sample(); }
  [[nodiscard]] std::string events_id() const override {
    const std::string all = split_->events_id();
    return all.empty() ? all : all + ", the first " + std::to_string(events_);
  }
  [[nodiscard]] std::size_t n_shards() const override { return shard_events_.size(); }
  [[nodiscard]] std::uint64_t shard_events(std::size_t shard) const override {
    return shard_events_[shard];
  }
  [[nodiscard]] Stream read_all() const override {
    return std::make_unique<ShortenedStream>(split_->read_all(), events_);
  }
  [[nodiscard]] Stream read_verified() const override {
    return std::make_unique<ShortenedStream>(split_->read_verified(), events_);
  }
  [[nodiscard]] Stream read_shards(const std::vector<std::size_t>& shards) const override {
    // Shards before the cut one, the cut one, and those behind it.
    const auto cut = std::ranges::find_if(shards, [&](std::size_t shard) {
      return shard_events_[shard] < split_->shard_events(shard);
    });
    if (cut == shards.end()) return split_->read_shards(shards);
    std::vector<Stream> streams;
    streams.push_back(split_->read_shards({shards.begin(), cut}));
    streams.push_back(
        std::make_unique<ShortenedStream>(split_->read_shards({*cut}), shard_events_[*cut]));
    streams.push_back(split_->read_shards({cut + 1, shards.end()}));
    return std::make_unique<JoinedStreams>(std::move(streams), count_events(shards));
  }

 private:
  [[nodiscard]] std::uint64_t count_events(const std::vector<std::size_t>& shards) const {
    return std::accumulate(
        shards.begin(), shards.end(), std::uint64_t{0},
        [&](std::uint64_t sum, std::size_t shard) { return sum + shard_events_[shard]; });
  }

  std::unique_ptr<LabeledSplit> split_;
  std::uint64_t events_;
  std::vector<std::uint64_t> shard_events_;
};

}  // namespace

std::unique_ptr<LabeledSplit> take_first_events(std::unique_ptr<LabeledSplit> split,
                                                std::uint64_t events) {
  if (events > split->n_events())
    throw core::ConfigError(
        "training.events is " + std::to_string(events) + ", but the training split has only " +
        std::to_string(split->n_events()) + "; give at most so many, or 0 for all");
  if (events == split->n_events()) return split;
  return std::make_unique<FirstEvents>(std::move(split), events);
}

}  // namespace stationhit::workflow
