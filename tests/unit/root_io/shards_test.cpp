#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/shards.hpp>

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

class Shards : public testing::Test {
 protected:
  void write(const std::string& name, const std::vector<core::Event>& events) const {
    ShardWriter writer(folder_ / name);
    for (const core::Event& event : events) writer.write(event);
    writer.close();
  }
  test::ScratchFolder folder_;
  std::vector<core::Event> events_{random_event(1, 900, 2), random_event(2, 0, 0),
                                   random_event(3, 70000, 1), random_event(4, 31, 3)};
};

TEST_F(Shards, GiveBackWhatWasWritten) {
  write("a.root", events_);
  ShardReader reader({folder_ / "a.root"});
  core::Event event;
  for (const core::Event& expected : events_) {
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == expected) << reader.where();
  }
  EXPECT_FALSE(reader.next(event));
}

TEST_F(Shards, StreamInTheGivenOrderWithinTheRange) {
  write("a.root", {events_[0], events_[1]});
  write("b.root", {events_[2], events_[3]});
  ShardReader reader({folder_ / "b.root", folder_ / "a.root"}, {1, 2});
  EXPECT_EQ(reader.size(), 2U);
  core::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_TRUE(event == events_[3]);
  ASSERT_TRUE(reader.next(event));
  EXPECT_TRUE(event == events_[0]);
  EXPECT_EQ(reader.where(), (folder_ / "a.root").string() + ", event 0");
  EXPECT_FALSE(reader.next(event));
}

TEST_F(Shards, ForeignMissingAndTruncatedFilesAreNamed) {
  EXPECT_CONTAINS(data_error([&] { ShardReader reader({folder_ / "none.root"}); }),
                  (folder_ / "none.root").string() + ": no such file");
  test::write_bytes(folder_ / "text.root",
                    "this is not a ROOT file, but long enough to be mistaken for one, if nobody "
                    "looks at its first bytes");
  EXPECT_CONTAINS(data_error([&] { ShardReader reader({folder_ / "text.root"}); }),
                  (folder_ / "text.root").string() + ": not a readable ROOT file");
  write("a.root", events_);
  const std::string bytes = test::read_bytes(folder_ / "a.root");
  for (const double part : {0.2, 0.6, 0.99}) {
    test::write_bytes(
        folder_ / "cut.root",
        bytes.substr(0, static_cast<std::size_t>(part * static_cast<double>(bytes.size()))));
    EXPECT_CONTAINS(data_error([&] { ShardReader reader({folder_ / "cut.root"}); }),
                    (folder_ / "cut.root").string() + ": the ROOT file is truncated");
  }
}

TEST_F(Shards, FlippedBytesAreNoticedOrHarmless) {
  write("a.root", events_);
  const std::string bytes = test::read_bytes(folder_ / "a.root");
  int noticed = 0;
  for (std::size_t position = 1000; position < bytes.size(); position += bytes.size() / 40) {
    std::string damaged = bytes;
    damaged[position] = static_cast<char>(damaged[position] ^ 0x10);
    test::write_bytes(folder_ / "flipped.root", damaged);
    try {
      ShardReader reader({folder_ / "flipped.root"});
      core::Event event;
      for (const core::Event& expected : events_) {
        ASSERT_TRUE(reader.next(event));
        EXPECT_TRUE(event == expected) << "silently changed by the byte " << position;
      }
    } catch (const core::DataError& error) {
      ++noticed;
      EXPECT_CONTAINS(error.what(), "flipped.root");
      EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
    }
  }
  EXPECT_GT(noticed, 30);
}

TEST_F(Shards, AbandonedWriterLeavesNothing) {
  {
    ShardWriter writer(folder_ / "a.root");
    writer.write(events_[0]);
  }
  EXPECT_TRUE(folder_.empty());
}

TEST_F(Shards, MissingFolderIsNamed) {
  EXPECT_CONTAINS(data_error([&] { ShardWriter writer(folder_ / "nowhere/a.root"); }),
                  "nowhere/a.root: cannot write here: No such file or directory");
}

}  // namespace
}  // namespace stationhit::root_io
