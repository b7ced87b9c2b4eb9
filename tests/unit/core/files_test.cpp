#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(Files, WritesWholeFilesAndNothingElse) {
  const std::string text("a\0b\r\n", 5);
  write_text_file(folder_ / "x", text);
  EXPECT_EQ(read_text_file(folder_ / "x"), text);
  write_text_file(folder_ / "x", "");
  EXPECT_EQ(read_text_file(folder_ / "x"), "");
  EXPECT_FALSE(fs::exists(partial_path(folder_ / "x")));
}

TEST_F(Files, PartialStandsBesideTheFile) {
  EXPECT_EQ(partial_path("a/b.root"), fs::path("a/b.root.partial"));
  EXPECT_EQ(partial_path("a.b/c"), fs::path("a.b/c.partial"));
}

TEST_F(Files, PublishReplacesTheOldFile) {
  write_text_file(folder_ / "x", "old");
  std::ofstream(partial_path(folder_ / "x")) << "new";
  publish(folder_ / "x");
  EXPECT_EQ(read_text_file(folder_ / "x"), "new");
  EXPECT_FALSE(fs::exists(partial_path(folder_ / "x")));
}

TEST_F(Files, PublishWithoutAPartialFile) {
  const std::string path = (folder_ / "x").string();
  EXPECT_EQ(test::data_error([&] { publish(path); }),
            path +
                ": cannot rename the finished file to this name: No such file or directory; choose "
                "another name");
}

TEST_F(Files, FolderOfThatNameIsKeptAndNothingIsLeftBeside) {
  const fs::path path = folder_ / "x";
  fs::create_directories(path);
  EXPECT_EQ(test::data_error([&] { write_text_file(path, "text"); }),
            path.string() + ": is a folder; give the name of the file to write");
  EXPECT_FALSE(fs::exists(partial_path(path)));
}

TEST_F(Files, MissingFolder) {
  const std::string path = (folder_ / "none" / "x").string();
  EXPECT_EQ(test::data_error([&] { write_text_file(path, "text"); }),
            path + ": cannot write here: No such file or directory");
  EXPECT_EQ(test::data_error([&] { (void)read_text_file(path); }),
            path + ": cannot be read: No such file or directory");
}

TEST_F(Files, ReadingAFolder) {
  EXPECT_EQ(test::data_error([&] { (void)read_text_file(folder_); }),
            folder_.string() + ": cannot be read: it is a folder");
}

// /dev/full takes any write and says that the disk is full. Small texts fail when the file is
// closed, large ones before.
TEST_F(Files, FullDiskLeavesTheOldFileAndSaysSo) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const fs::path path = folder_ / "x";
  for (const std::size_t size : {10U, 10'000'000U}) {
    write_text_file(path, "old");
    fs::create_symlink("/dev/full", partial_path(path));
    EXPECT_EQ(
        test::data_error([&] { write_text_file(path, std::string(size, 'a')); }),
        path.string() +
            ": writing failed: No space left on device; free space on the disk and run again");
    EXPECT_EQ(read_text_file(path), "old");
    EXPECT_FALSE(fs::is_symlink(partial_path(path)));
  }
}

}  // namespace
}  // namespace stationhit::core
