#include "../../../src/core/cpu_quota.hpp"

#include <cstdlib>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>

namespace stationhit::core {
namespace {

// A file system with the groups of a process.
class CpuQuota : public ::testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) const {
    const auto path = root_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    write_text_file(path, text);
  }
  [[nodiscard]] std::optional<double> quota() const { return cpu_quota(root_.path()); }

 private:
  test::ScratchFolder root_;
};

TEST_F(CpuQuota, IsUnknownWithoutControlGroups) { EXPECT_FALSE(quota()); }

TEST_F(CpuQuota, Version2) {
  write("proc/self/cgroup", "0::/batch/job\n");
  write("sys/fs/cgroup/batch/job/cpu.max", "max 100000\n");
  EXPECT_FALSE(quota());
  write("sys/fs/cgroup/batch/job/cpu.max", "150000 100000\n");
  EXPECT_EQ(quota(), 1.5);
}

TEST_F(CpuQuota, TheSmallestOfTheGroupsAboveCounts) {
  write("proc/self/cgroup", "0::/batch/job\n");
  write("sys/fs/cgroup/batch/job/cpu.max", "800000 100000\n");
  write("sys/fs/cgroup/batch/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
}

TEST_F(CpuQuota, InAContainerTheTopIsRead) {
  write("proc/self/cgroup", "0::/docker/0123\n");
  write("sys/fs/cgroup/cpu.max", "400000 100000\n");
  EXPECT_EQ(quota(), 4);
}

TEST_F(CpuQuota, Version1) {
  write("proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n0::/\n");
  write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_FALSE(quota());
  write("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  EXPECT_EQ(quota(), 0.5);
}

}  // namespace
}  // namespace stationhit::core
