#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <support/scratch_folder.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

class DirectoryLocks : public ::testing::Test {
 protected:
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_ / "run";
};

TEST_F(DirectoryLocks, SecondOwnerIsRefusedAndToldOfTheFirst) {
  {
    const DirectoryLock lock(folder_, {});
    const std::string error = test::data_error([&] { const DirectoryLock second(folder_, {}); });
    EXPECT_CONTAINS(error, folder_.string() +
                               ": another program is writing into this folder "
                               "(process " +
                               std::to_string(getpid()) + " on ");
    EXPECT_CONTAINS(error, "); wait for its end, or choose another folder");
    const DirectoryLock elsewhere(scratch_ / "other", {});
  }
  const DirectoryLock again(folder_, {});
}

TEST_F(DirectoryLocks, NothingIsLeftBehindAndWhatIsThereStays) {
  { const DirectoryLock lock(folder_ / "deep", {}); }
  EXPECT_TRUE(scratch_.empty());
  {
    const DirectoryLock lock(folder_, {});
    std::ofstream(folder_ / "result") << "text";
  }
  EXPECT_EQ(test::count_entries(folder_), 1);
}

TEST_F(DirectoryLocks, KilledOwnersLeaveNoLock) {
  const pid_t child = fork();
  if (child == 0) {
    const DirectoryLock lock(folder_, {});
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(folder_ / DirectoryLock::file_name));
  const DirectoryLock lock(folder_, {});
}

TEST_F(DirectoryLocks, SharedLocksExcludeOthersUntilTheLastIsGone) {
  auto first = std::make_unique<DirectoryLock>(folder_, Logger(), LockMode::shared);
  auto second = std::make_unique<DirectoryLock>(folder_, Logger(), LockMode::shared);
  const auto alone = [&] {
    return test::data_error([&] { const DirectoryLock lock(folder_, {}); });
  };
  EXPECT_CONTAINS(alone(), ": another program is writing into this folder");
  first.reset();
  EXPECT_CONTAINS(alone(), ": another program is writing into this folder");
  second.reset();
  const DirectoryLock lock(folder_, {});
  EXPECT_CONTAINS(
      test::data_error([&] { const DirectoryLock shared(folder_, {}, LockMode::shared); }),
      ": another program is writing into this folder");
}

TEST_F(DirectoryLocks, CanBeWaitedFor) {
  auto first = std::make_unique<DirectoryLock>(folder_, Logger());
  test::RecordingObserver observer;
  std::thread end_of_first([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first.reset();
  });
  const auto second = wait_for_lock(folder_, observer);
  end_of_first.join();
  EXPECT_TRUE(second);
  ASSERT_EQ(observer.warnings.size(), 1U);
  EXPECT_CONTAINS(observer.warnings[0],
                  "waiting: " + folder_.string() + ": another program is writing into this folder");
  observer.stop();
  EXPECT_FALSE(wait_for_lock(folder_, observer));
}

TEST_F(DirectoryLocks, PartsHaveLocksOfTheirOwn) {
  const DirectoryLock one(folder_, {}, "part.1", "makes part 1");
  const DirectoryLock two(folder_, {}, "part.2", "makes part 2");
  EXPECT_CONTAINS(
      test::data_error([&] { const DirectoryLock again(folder_, {}, "part.1", "makes part 1"); }),
      folder_.string() + ": another program makes part 1 (process ");
}

TEST_F(DirectoryLocks, PlacesWithoutALockAreNamed) {
  std::ofstream(folder_) << "a file";
  EXPECT_EQ(test::data_error([&] { const DirectoryLock lock(folder_, {}); }),
            folder_.string() + ": is a file; give a folder");
  const std::string below = (folder_ / "below").string();
  EXPECT_EQ(test::data_error([&] { const DirectoryLock lock(below, {}); }),
            below + ": cannot make this folder: Not a directory; choose another folder");
  EXPECT_EQ(test::data_error([&] { const DirectoryLock lock("/proc/1", {}); }),
            "/proc/1: cannot write here: No such file or directory"
            "; make the folder first, or choose another place");
}

}  // namespace
}  // namespace stationhit::core
