#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_file.hpp>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

class OutputFiles : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    OutputFile file(folder_ / name);
    file.write(text);
    file.publish();
  }
  // The partial file of a process that was killed while it wrote `name`.
  [[nodiscard]] fs::path leave_behind(const std::string& name) const {
    const pid_t child = fork();
    if (child == 0) {
      OutputFile file(folder_ / name);
      file.write("half");
      raise(SIGKILL);
    }
    waitpid(child, nullptr, 0);
    for (const auto& entry : fs::directory_iterator(folder_))
      if (entry.path().filename().string().starts_with(name + ".")) return entry.path();
    return {};
  }

  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(OutputFiles, NothingHasTheNameUntilAllIsWritten) {
  {
    OutputFile file(folder_ / "x");
    file.write("half");
    file.flush();
    EXPECT_EQ(read_text_file(file.partial_path()), "half");
    EXPECT_EQ(file.partial_path().parent_path(), folder_);
    EXPECT_FALSE(fs::exists(folder_ / "x"));
  }
  EXPECT_TRUE(scratch_.empty());
  write("x", "whole");
  EXPECT_EQ(read_text_file(folder_ / "x"), "whole");
  EXPECT_EQ(test::count_entries(folder_), 1);
}

TEST_F(OutputFiles, OfTwoWritersTheLastToFinishWinsAndBothAreWhole) {
  OutputFile first(folder_ / "x");
  OutputFile second(folder_ / "x");
  EXPECT_NE(first.partial_path(), second.partial_path());
  first.write("first");
  second.write("second");
  second.publish();
  EXPECT_EQ(read_text_file(folder_ / "x"), "second");
  first.publish();
  EXPECT_EQ(read_text_file(folder_ / "x"), "first");
}

TEST_F(OutputFiles, LibrariesWriteByNameOrThroughADescriptor) {
  OutputFile file(folder_ / "x", PartialName::fixed, ".png");
  EXPECT_EQ(file.partial_path(), folder_ / "x.partial.png");
  std::ofstream(file.partial_path()) << "figure";
  const int descriptor = file.duplicate_descriptor();
  EXPECT_EQ(::pwrite(descriptor, "F", 1, 0), 1);
  ::close(descriptor);
  file.publish();
  EXPECT_EQ(read_text_file(folder_ / "x"), "Figure");
}

TEST_F(OutputFiles, LinksInThePlaceOfThePartialFileAreNotFollowed) {
  write("precious", "keep");
  fs::create_symlink("precious", folder_ / "x.partial");
  OutputFile file(folder_ / "x", PartialName::fixed);
  file.write("text");
  file.publish();
  EXPECT_EQ(read_text_file(folder_ / "precious"), "keep");
  EXPECT_EQ(read_text_file(folder_ / "x"), "text");
  EXPECT_EQ(test::count_entries(folder_), 2);
}

// Somebody else may put a link where the partial file was.
TEST_F(OutputFiles, AnotherFileInThePlaceOfThePartialOneIsNotPublished) {
  write("precious", "keep");
  OutputFile file(folder_ / "x");
  fs::remove(file.partial_path());
  fs::create_symlink(folder_ / "precious", file.partial_path());
  EXPECT_CONTAINS(test::data_error([&] { file.publish(); }), "its partial file was replaced");
  EXPECT_EQ(read_text_file(folder_ / "precious"), "keep");
  EXPECT_FALSE(fs::exists(folder_ / "x"));
}

TEST_F(OutputFiles, SymbolicLinksAreWrittenThrough) {
  fs::create_directory(folder_ / "disk");
  fs::create_symlink("disk/y", folder_ / "link");
  fs::create_symlink(folder_ / "link", folder_ / "x");
  write("x", "made");
  EXPECT_EQ(read_text_file(folder_ / "disk" / "y"), "made");
  write("x", "replaced");
  EXPECT_EQ(read_text_file(folder_ / "disk" / "y"), "replaced");
  EXPECT_TRUE(fs::is_symlink(folder_ / "x"));
  EXPECT_EQ(test::count_entries(folder_ / "disk"), 1);
}

TEST_F(OutputFiles, LongNamesStayValid) {
  const std::string name(250, 'n');
  write(name, "text");
  EXPECT_EQ(read_text_file(folder_ / name), "text");
}

TEST_F(OutputFiles, PartialFilesOfTheDeadGoThoseOfTheLivingStay) {
  const fs::path dead = leave_behind("dead");
  ASSERT_TRUE(fs::exists(dead));
  OutputFile living(folder_ / "living");
  std::ofstream(folder_ / "data.partial") << "of another program";
  remove_stale_partial_files(folder_);
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(living.partial_path()));
  EXPECT_TRUE(fs::exists(folder_ / "data.partial"));
  remove_stale_partial_files(folder_ / "missing");
}

// The process of another host cannot be asked for: what counts is the lock, and the age.
TEST_F(OutputFiles, PartialFilesOfOtherHostsGoWhenTheyAreOld) {
  const fs::path path = folder_ / "x.elsewhere.1.0123456789abcdef.partial";
  std::ofstream(path) << "half";
  remove_stale_partial_files(folder_);
  EXPECT_TRUE(fs::exists(path));
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  remove_stale_partial_files(folder_);
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace stationhit::core
