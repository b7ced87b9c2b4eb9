#include "frame/run_log.hpp"

#include <cstdlib>
#include <regex>
#include <string>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>

namespace stationhit::app {
namespace {

// The file with the word TIME in the place of every date and time.
std::string read_log(const std::filesystem::path& file) {
  const std::regex time(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)");
  return std::regex_replace(core::read_text_file(file), time, "TIME");
}

class RunLogFile : public ::testing::Test {
 protected:
  test::ScratchFolder folder_;
  std::filesystem::path file_ = folder_ / "run.log";
};

TEST_F(RunLogFile, HasWhatWasKeptAndWhatFollows) {
  RunLog log;
  log.add("info", "before the beginning");
  log.begin();
  log.add("info", "kept");
  EXPECT_FALSE(std::filesystem::exists(file_));
  EXPECT_TRUE(log.open(file_));
  log.add("result", "a table\nof two lines\n");
  EXPECT_EQ(read_log(file_), "TIME info kept\nTIME result a table\nof two lines\n");
  EXPECT_TRUE(log.open(folder_ / "other"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other"));
}

TEST_F(RunLogFile, IsAppended) {
  for (const char* text : {"first", "second"}) {
    RunLog log;
    log.begin();
    EXPECT_TRUE(log.open(file_));
    log.add("info", text);
  }
  EXPECT_EQ(read_log(file_), "TIME info first\nTIME info second\n");
}

TEST_F(RunLogFile, ThatCannotBeOpenedEndsNothing) {
  RunLog log;
  log.begin();
  log.add("info", "kept");
  EXPECT_FALSE(log.open(folder_ / "missing" / "run.log"));
  EXPECT_NO_THROW(log.add("info", "more"));
  EXPECT_FALSE(log.open(file_));
}

TEST_F(RunLogFile, HasNoSecretsAndNoControlCharacters) {
  ::setenv("COMET_API_KEY", "k3y", 1);
  RunLog log;
  log.begin();
  EXPECT_TRUE(log.open(file_));
  log.add("info", "key k3y, again k3yk3y\x1B[31m");
  ::setenv("COMET_API_KEY", "", 1);
  log.add("info", "k3y");
  ::unsetenv("COMET_API_KEY");
  EXPECT_EQ(read_log(file_),
            "TIME info key <COMET_API_KEY>, again <COMET_API_KEY><COMET_API_KEY>\\x1B[31m\n"
            "TIME info k3y\n");
}

}  // namespace
}  // namespace stationhit::app
