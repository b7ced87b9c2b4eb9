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

TEST_F(InputFiles, NamesWithAProtocolAreRemoteWhereNoFileHasThem) {
  for (const char* name : {"root://host//d/f.root", "xroot://h//f", "https://h/f.root", "s3+x://f"})
    EXPECT_TRUE(is_remote(name)) << name;
  for (const char* name : {"f.root", "/d/f.root", "://f", "d/x://f", "2x://f", "a b://f", ""})
    EXPECT_FALSE(is_remote(name)) << name;
  EXPECT_EQ(protocol_of("root://host//d/f.root"), "root");
  const fs::path local = (folder_ / "x:" / "f").string();
  fs::create_directories(local.parent_path());
  std::ofstream(local) << "abc";
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  EXPECT_FALSE(is_remote("x://f"));
  EXPECT_TRUE(is_remote("x://g"));
  fs::current_path(before);
}

TEST_F(InputFiles, NamesOfRemoteFilesLackWhatFollowsAQuestionMark) {
  EXPECT_EQ(file_name("root://host//d/f.root?authz=a/b"), "f.root");
  EXPECT_EQ(file_name("/d/f.root?x"), "f.root?x");
}

TEST_F(InputFiles, RemoteFilesAreNoInputsOfThisKind) {
  EXPECT_CONTAINS(test::data_error([] { require_input_file("root://host//f.hepmc"); }),
                  "root://host//f.hepmc: cannot be read: only ROOT ntuples are read from other "
                  "machines; copy the file to this one");
}

}  // namespace
}  // namespace stationhit::core
