#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {
namespace {

// Event n of the stream has n + 1 labels.
class CountingStream : public features::LabeledEventStream {
 public:
  explicit CountingStream(std::uint64_t n_events) : n_events_(n_events) {}
  std::optional<Job> next() override {
    if (given_ == n_events_) return std::nullopt;
    return [n = ++given_] {
      features::LabeledEvent event;
      event.labels.assign(n, 0);
      return event;
    };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return n_events_; }

 private:
  std::uint64_t n_events_, given_ = 0;
};

class CountingSplit : public LabeledSplit {
 public:
  explicit CountingSplit(std::uint64_t n_events, core::SampleInfo sample = {})
      : n_events_(n_events), sample_(std::move(sample)) {}
  [[nodiscard]] std::uint64_t n_events() const override { return n_events_; }
  [[nodiscard]] const core::SampleInfo& sample() const override { return sample_; }
  [[nodiscard]] std::string events_id() const override { return make_events_id("", "train"); }
  [[nodiscard]] std::size_t n_shards() const override { return 1; }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_all() const override {
    return std::make_unique<CountingStream>(n_events_);
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_verified() const override {
    return read_all();
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_shards(
      const std::vector<std::size_t>&) const override {
    return read_all();
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
