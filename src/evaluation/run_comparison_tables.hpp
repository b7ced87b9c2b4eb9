// Tables as cells, for Markdown and pages, and those of a comparison of runs. Private to the
// module.
#pragma once

#include <string>
#include <vector>

#include <stationhit/evaluation/run_comparison.hpp>

namespace stationhit::evaluation {

struct CellTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // each as long as the head
};

[[nodiscard]] std::string markdown(const CellTable& table);

// One row per run, one column per key of the summary.
[[nodiscard]] CellTable summary_cells(const RunComparison& comparison);

// One row per run, one column per quantity that has a title in the terminal; `title` names it.
[[nodiscard]] CellTable point_cells(const RunComparison& comparison, std::size_t point,
                                    const char* Titles::*title);

// One row per run with differences to the first, without the columns that no run has a value in.
// No rows where no run was tested on the same events as the first.
[[nodiscard]] CellTable difference_cells(const RunComparison& comparison, std::size_t point,
                                         const char* Titles::*title);

// One row per setting, one column per run.
[[nodiscard]] CellTable setting_cells(const RunComparison& comparison);

// What the intervals are, and which runs have no difference because their events are others.
[[nodiscard]] std::string explain_intervals(const RunComparison& comparison);

}  // namespace stationhit::evaluation
