// How much processor time the control groups of this process allow. Private to the module.
#pragma once

#include <filesystem>
#include <optional>

namespace stationhit::core {

// Cores that the quotas of the process's control group and of all groups above it pay for, as a
// fraction (1.5 is one and a half cores); nothing without a quota. Reads cgroup v2 (cpu.max) and
// v1 (cpu.cfs_quota_us). `root` is the root of the file system; tests give another.
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

}  // namespace stationhit::core
