#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

class InputFiles : public ::testing::Test {
 protected:
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(InputFiles, RegularFilesAndLinksToThemAreOpened) {
  std::ofstream(folder_ / "x") << "abc";
  fs::create_symlink("x", folder_ / "link");
  for (const char* name : {"x", "link"}) {
    const int file = open_input_file(folder_ / name);
    char byte = 0;
    EXPECT_EQ(::read(file, &byte, 1), 1);
    EXPECT_EQ(byte, 'a');
    ::close(file);
    require_input_file(folder_ / name);
  }
}

// Nobody writes into the pipe, so a plain open would never come back.
TEST_F(InputFiles, PipesAndFoldersAreRefusedAtOnce) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ::alarm(20);
  const std::string text =
      pipe.string() + ": cannot be read: it is a named pipe and no regular file; write the content";
  EXPECT_CONTAINS(test::data_error([&] { require_input_file(pipe); }), text);
  EXPECT_CONTAINS(test::data_error([&] { (void)read_text_file(pipe); }), text);
  ::alarm(0);
  EXPECT_EQ(test::data_error([&] { require_input_file(folder_); }),
            folder_.string() + ": cannot be read: it is a folder");
}

TEST_F(InputFiles, MissingFilesAreNamed) {
  EXPECT_EQ(test::data_error([&] { require_input_file(folder_ / "none"); }),
            (folder_ / "none").string() + ": cannot be read: No such file or directory");
}

}  // namespace
}  // namespace stationhit::core
