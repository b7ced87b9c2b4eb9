#include "print_results.hpp"

#include <cstdio>

#include <stationhit/evaluation/report.hpp>

namespace stationhit::app {

void print_epoch(const training::EpochMetrics& row) {
  std::puts(training::epoch_line(row).c_str());
  std::fflush(stdout);
}

void print_test(const workflow::TestResult& result) {
  std::fputs(evaluation::results_table(result.evaluation).c_str(), stdout);
  if (!result.report.empty()) std::printf("report: %s\n", result.report.c_str());
}

}  // namespace stationhit::app
