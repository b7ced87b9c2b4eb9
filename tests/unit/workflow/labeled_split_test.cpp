#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {
namespace {

// Events with so many labels as the numbers say.
class CountingStream : public features::LabeledEventStream {
 public:
  explicit CountingStream(std::vector<std::size_t> labels) : labels_(std::move(labels)) {}
  std::optional<Job> next() override {
    if (given_ == labels_.size()) return std::nullopt;
    return [n = labels_[given_++]] {
      features::LabeledEvent event;
      event.labels.assign(n, 0);
      return event;
    };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return labels_.size(); }

 private:
  std::vector<std::size_t> labels_;
  std::size_t given_ = 0;
};

constexpr std::size_t events_per_shard = 3;

// Event n of the split has n + 1 labels.
class CountingSplit : public LabeledSplit {
 public:
  explicit CountingSplit(std::uint64_t n_events, core::SampleInfo sample = {})
      : n_events_(n_events), sample_(std::move(sample)) {}
  [[nodiscard]] std::uint64_t n_events() const override { return n_events_; }
  [[nodiscard]] const core::SampleInfo& sample() const override { return sample_; }
  [[nodiscard]] std::string events_id() const override {
    return make_events_id("fingerprint", "train");
  }
  [[nodiscard]] std::size_t n_shards() const override {
    return (n_events_ + events_per_shard - 1) / events_per_shard;
  }
  [[nodiscard]] std::uint64_t shard_events(std::size_t shard) const override {
    return std::min(events_per_shard, n_events_ - shard * events_per_shard);
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_all() const override {
    std::vector<std::size_t> shards(n_shards());
    std::iota(shards.begin(), shards.end(), std::size_t{0});
    return read_shards(shards);
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_verified() const override {
    return read_all();
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_shards(
      const std::vector<std::size_t>& shards) const override {
    std::vector<std::size_t> labels;
    for (const std::size_t shard : shards)
      for (std::size_t i = 0; i < shard_events(shard); ++i)
        labels.push_back(shard * events_per_shard + i + 1);
    return std::make_unique<CountingStream>(std::move(labels));
  }

 private:
  std::uint64_t n_events_;
  core::SampleInfo sample_;
};

std::vector<std::size_t> label_counts(const std::vector<features::LabeledEvent>& events) {
  std::vector<std::size_t> counts;
  for (const features::LabeledEvent& event : events) counts.push_back(event.labels.size());
  return counts;
}

std::vector<std::size_t> label_counts(features::LabeledEventStream& stream) {
  std::vector<std::size_t> counts;
  while (const auto event = stream.next()) counts.push_back((*event)().labels.size());
  return counts;
}

std::unique_ptr<LabeledSplit> first_of_eight(std::uint64_t events) {
  return take_first_events(std::make_unique<CountingSplit>(8), events);
}

using Counts = std::vector<std::size_t>;

TEST(FirstEvents, AreThoseOfTheFirstShardsWithTheLastOneCut) {
  const auto first = first_of_eight(5);
  EXPECT_EQ(first->n_events(), 5);
  EXPECT_EQ(first->n_shards(), 2);
  EXPECT_EQ(first->shard_events(0), 3);
  EXPECT_EQ(first->shard_events(1), 2);
  EXPECT_EQ(first->read_all()->size(), 5);
  EXPECT_EQ(label_counts(*first->read_all()), (Counts{1, 2, 3, 4, 5}));
  EXPECT_EQ(label_counts(*first->read_verified()), (Counts{1, 2, 3, 4, 5}));
}

TEST(FirstEvents, AreTheSameInEveryOrderOfTheShards) {
  const auto first = first_of_eight(7);
  EXPECT_EQ(label_counts(*first->read_shards({2, 0, 1})), (Counts{7, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(label_counts(*first->read_shards({0, 2, 1})), (Counts{1, 2, 3, 7, 4, 5, 6}));
  EXPECT_EQ(first->read_shards({0, 2})->size(), 4);
  EXPECT_EQ(label_counts(*first_of_eight(6)->read_shards({1, 0})), (Counts{4, 5, 6, 1, 2, 3}));
}

TEST(FirstEvents, SayThatTheyAreOthersThanAllEvents) {
  EXPECT_EQ(first_of_eight(5)->events_id(), "fingerprint train, the first 5");
  EXPECT_EQ(first_of_eight(8)->events_id(), "fingerprint train");
}

TEST(FirstEvents, MoreThanThereAreIsAnError) {
  EXPECT_EQ(test::config_error([] { (void)first_of_eight(9); }),
            "training.events is 9, but the training split has only 8; give at most so many, or 0 "
            "for all");
}

TEST(LabelSample, TheLabelOfTheConfigurationStandsWhereTheFilesSayNothing) {
  const core::SampleInfo labeled = label_sample(CountingSplit(1, {"", {200}}), "Run 3 data");
  EXPECT_EQ(labeled, (core::SampleInfo{"Run 3 data", {200}}));
}

TEST(LabelSample, SimulatedEventsStaySoWhateverTheConfigurationSays) {
  const core::SampleInfo sample{"Toy simulation", {200}};
  EXPECT_EQ(label_sample(CountingSplit(1, sample), "Run 3 data"), sample);
}

TEST(ReadFirstEvents, KeepsTheOrderForAnyNumberOfThreads) {
  for (const unsigned threads : {1U, 3U})
    EXPECT_EQ(label_counts(read_first_events(CountingSplit(5), 4, threads)),
              (std::vector<std::size_t>{1, 2, 3, 4}));
}

TEST(ReadFirstEvents, GivesAllEventsOfASmallSplitAndNoneOfAnEmptyOne) {
  EXPECT_EQ(read_first_events(CountingSplit(2), 10, 2).size(), 2);
  EXPECT_TRUE(read_first_events(CountingSplit(0), 10, 2).empty());
}

}  // namespace
}  // namespace stationhit::workflow
