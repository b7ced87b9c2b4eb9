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

}  // namespace
}  // namespace stationhit::data
