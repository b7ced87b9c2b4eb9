// /proc/self/cgroup names the group of the process in each hierarchy. A quota may stand in any
// group from there up to the top, and the smallest counts. In a container the named folder may not
// exist, because only the part of the hierarchy below the container is mounted; the top is read
// then.
#include "cpu_quota.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

// "max" and -1 mean that there is no limit.
std::optional<double> ratio(const std::string& quota, double period) {
  std::istringstream text(quota);
  double value = 0;
  if (!(text >> value) || value <= 0 || period <= 0) return std::nullopt;
  return value / period;
}

std::optional<double> quota_of_group(const fs::path& folder) {
  std::string quota;
  double period = 0;
  if (std::ifstream(folder / "cpu.max") >> quota >> period) return ratio(quota, period);
  std::ifstream(folder / "cpu.cfs_quota_us") >> quota;
  std::ifstream(folder / "cpu.cfs_period_us") >> period;
  return ratio(quota, period);
}

// The smallest quota of the group and of those above it, up to where the hierarchy is mounted.
std::optional<double> smallest_quota(const fs::path& mount, fs::path group) {
  std::optional<double> smallest;
  while (true) {
    const auto quota = quota_of_group(mount / group.relative_path());
    if (quota) smallest = std::min(*quota, smallest.value_or(*quota));
    if (!group.has_relative_path()) return smallest;
    group = group.parent_path();
  }
}

// Where the hierarchy of these controllers is mounted; version 2 has no list of controllers. Empty
// for hierarchies without the controller cpu.
fs::path find_mount(const std::string& controllers, const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  if (controllers.empty()) return mounts;
  const bool has_cpu = ("," + controllers + ",").find(",cpu,") != std::string::npos;
  if (!has_cpu) return {};
  return fs::exists(mounts / controllers) ? mounts / controllers : mounts / "cpu";
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  std::ifstream groups(root / "proc/self/cgroup");
  std::optional<double> smallest;
  // Lines are "number:controllers:path".
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const fs::path mount = find_mount(line.substr(first + 1, second - first - 1), root);
    if (mount.empty()) continue;
    const auto quota = smallest_quota(mount, line.substr(second + 1));
    if (quota) smallest = std::min(*quota, smallest.value_or(*quota));
  }
  return smallest;
}

}  // namespace stationhit::core
