// Trained runs side by side, from the files that training and test left in their run directories.
// Only in builds with ROOT and Torch.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/observer.hpp>
#include <stationhit/evaluation/run_comparison.hpp>

namespace stationhit::workflow {

inline constexpr std::size_t most_compared_runs = 8;  // curves that a figure keeps apart

struct CompareOptions {
  std::vector<std::filesystem::path> runs;   // run directories, 2 to most_compared_runs
  std::vector<std::string> names = {};       // one per run; empty: those of the directories
  std::filesystem::path output = "compare";  // folder
};

// Reads the runs, of which none is changed, and writes the comparison (write_run_comparison) into
// the output folder. Intervals are those of the tests; differences to the first run are given for
// the runs that were tested on the same events. Throws UsageError: number of runs or names, a run
// twice, a name that two runs have or that tables and legends cannot show; DataError naming the
// file: no run directory, not tested, results that do not belong together or of an earlier version,
// working points that differ, an output folder with other files.
[[nodiscard]] evaluation::RunComparison compare_runs(const CompareOptions& options,
                                                     const core::Observer& observer);

}  // namespace stationhit::workflow
