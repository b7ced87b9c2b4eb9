#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_size_limit.hpp>
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
  EXPECT_EQ(test::count_entries(folder_), 1);
}

TEST_F(Files, FolderOfThatNameIsKeptAndNothingIsLeftBeside) {
  const fs::path path = folder_ / "x";
  fs::create_directories(path);
  EXPECT_EQ(test::data_error([&] { write_text_file(path, "text"); }),
            path.string() + ": is a folder; give the name of the file to write");
  EXPECT_EQ(test::count_entries(folder_), 1);
}

TEST_F(Files, MissingFolder) {
  const std::string path = (folder_ / "none" / "x").string();
  EXPECT_EQ(test::data_error([&] { write_text_file(path, "text"); }),
            path +
                ": cannot write here: No such file or directory"
                "; make the folder first, or choose another place");
  EXPECT_EQ(test::data_error([&] { (void)read_text_file(path); }),
            path + ": cannot be read: No such file or directory");
}

TEST_F(Files, ReadingAFolder) {
  EXPECT_EQ(test::data_error([&] { (void)read_text_file(folder_); }),
            folder_.string() + ": cannot be read: it is a folder");
}

// Small texts fail when the file is closed, large ones before.
TEST_F(Files, FullDiskLeavesTheOldFileAndSaysSo) {
  const fs::path path = folder_ / "x";
  for (const std::size_t size : {100U, 10'000'000U}) {
    write_text_file(path, "old");
    {
      const test::FileSizeLimit full(50);
      EXPECT_EQ(
          test::data_error([&] { write_text_file(path, std::string(size, 'a')); }),
          path.string() + ": writing failed: File too large; free space on the disk and run again");
    }
    EXPECT_EQ(read_text_file(path), "old");
    EXPECT_EQ(test::count_entries(folder_), 1);
  }
}

}  // namespace
}  // namespace stationhit::core
