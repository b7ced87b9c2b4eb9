#include <string>

#include <gtest/gtest.h>

#include <stationhit/data/common_events.hpp>

namespace stationhit::data {
namespace {

using Found = std::optional<std::string>;

// A split of a set of the files a.root and b.root.
SplitOrigin make_origin(const std::string& fingerprint, const std::string& split,
                        const std::string& method) {
  SplitOrigin origin{fingerprint, split, method, {}, {}};
  origin.inputs = {{"a.root", "a", 10, 5, "aaaa", "train"}, {"b.root", "b", 10, 5, "bbbb", "val"}};
  if (method == "event")
    for (InputRecord& file : origin.inputs) file.split = "by event";
  return origin;
}

TEST(CommonEvents, SplitsOfOneSetHaveNone) {
  const SplitOrigin train = make_origin("1", "train", "event");
  EXPECT_EQ(find_common_events(train, make_origin("1", "test", "event")), Found());
  EXPECT_EQ(find_common_events(train, make_origin("1", "train", "event")),
            Found("both are the split train of one set"));
  EXPECT_EQ(find_common_events(train, make_origin("1", "train_small", "event")),
            Found("both are the split train of one set"));
}

TEST(CommonEvents, FilesAreComparedByContent) {
  const SplitOrigin train = make_origin("1", "train", "file");
  SplitOrigin other = make_origin("2", "test", "file");
  EXPECT_EQ(find_common_events(train, other), Found());  // both files are in other splits there
  other.inputs[0].file = "renamed.root";
  other.inputs[0].split = "test";
  EXPECT_EQ(find_common_events(train, other), Found("both were made from a.root"));
  other.inputs[0].entries = 0;
  EXPECT_EQ(find_common_events(train, other), Found());
}

TEST(CommonEvents, OtherCutsDivideTheSameFilesByEventAlike) {
  const SplitOrigin train = make_origin("1", "train", "event");
  SplitOrigin other = make_origin("2", "test", "event");
  EXPECT_EQ(find_common_events(train, other), Found());
  other.split = "train";
  EXPECT_EQ(find_common_events(train, other),
            Found("both are the split train of the same input files"));
  other.split = "test";
  other.division.seed = 43;
  EXPECT_EQ(find_common_events(train, other), Found("both were made from a.root"));
  other = make_origin("2", "test", "event");
  other.inputs.pop_back();
  EXPECT_EQ(find_common_events(train, other), Found("both were made from a.root"));
}

TEST(CommonEvents, ManifestsOfEarlierVersionsSayNothing) {
  SplitOrigin train = make_origin("1", "train", "event");
  train.inputs.clear();
  SplitOrigin other = make_origin("2", "train", "event");
  EXPECT_EQ(find_common_events(train, other), Found());
  EXPECT_EQ(find_common_events(other, train), Found());
}

TEST(CommonEvents, OneDivisionIsOneSetOrTheSameFiles) {
  const SplitOrigin train = make_origin("1", "train", "event");
  SplitOrigin other = make_origin("1", "test", "event");
  EXPECT_TRUE(have_one_division(train, other));
  other.fingerprint = "2";
  EXPECT_TRUE(have_one_division(train, other));
  other.inputs[0].checksum = "cccc";
  EXPECT_FALSE(have_one_division(train, other));
}

struct ListedEvent {
  core::EventKey key;
  std::uint64_t hash = 0;
};

class ListOfEvents final : public core::EventList {
 public:
  explicit ListOfEvents(std::vector<ListedEvent> events, bool with_run = true)
      : events_(std::move(events)), with_run_(with_run) {}

  [[nodiscard]] std::vector<core::EventKey> read_keys() const override {
    std::vector<core::EventKey> keys;
    for (const ListedEvent& event : events_) keys.push_back(event.key);
    return keys;
  }
  [[nodiscard]] bool has_run_numbers() const override { return with_run_; }
  [[nodiscard]] std::vector<std::uint64_t> hash_hits(
      const std::vector<std::uint64_t>& events) const override {
    std::vector<std::uint64_t> hashes;
    for (const std::uint64_t event : events) hashes.push_back(events_[event].hash);
    hashed += events.size();
    return hashes;
  }

  mutable std::size_t hashed = 0;

 private:
  std::vector<ListedEvent> events_;
  bool with_run_;
};

TEST(CommonEvents, EventsAreComparedByNumbersAndHits) {
  const ListOfEvents a({{{3, 1, 50}, 11}, {{4, 1, 60}, 12}, {{5, 1, 70}, 13}, {{6, 1, 0}, 0}});
  const ListOfEvents b({{{5, 1, 70}, 13},    // the same event
                        {{3, 1, 50}, 99},    // other hits
                        {{4, 2, 60}, 12},    // another run
                        {{9, 1, 50}, 11},    // another number
                        {{6, 1, 0}, 0},      // nothing to tell it by
                        {{5, 1, 70}, 13}});  // once more
  const CommonEvents common = count_common_events(a, b);
  EXPECT_EQ(common.count, 2U);
  EXPECT_EQ(common.first, (core::EventKey{5, 1, 70}));
  EXPECT_EQ(a.hashed, 2U) << "only the hits of events whose numbers agree are read";
  EXPECT_EQ(count_common_events(b, a).count, 1U);
}

TEST(CommonEvents, RunNumbersOfOnlyOneSetAreLeftOut) {
  const ListOfEvents a({{{3, 1, 50}, 11}});
  const ListOfEvents b({{{3, 0, 50}, 11}}, false);
  EXPECT_EQ(count_common_events(a, b).count, 1U);
  EXPECT_EQ(count_common_events(b, a).count, 1U);
}

TEST(CommonEvents, NumbersAloneAreNotRead) {
  const ListOfEvents a({{{3, 1, 50}, 11}}), b({{{3, 1, 51}, 11}});
  EXPECT_EQ(count_common_events(a, b).count, 0U);
  EXPECT_EQ(a.hashed + b.hashed, 0U);
}

}  // namespace
}  // namespace stationhit::data
