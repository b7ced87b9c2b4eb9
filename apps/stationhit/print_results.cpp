#include "print_results.hpp"

#include <cstdio>

#include <stationhit/evaluation/report.hpp>

#include "frame/run_log.hpp"
#include "frame/status_line.hpp"

namespace stationhit::app {

void begin_run_log() { RunLog::of_program().begin(); }

void open_run_log(const std::filesystem::path& run_directory, const core::Logger& log) {
  const std::filesystem::path file = run_directory / "run.log";
  if (!RunLog::of_program().open(file))
    log.warning(file.string() + ": cannot be written; this run has no log file");
}

void print_lines(const std::string& text) {
  StatusLine::of_stderr().print_above([&] {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  });
  RunLog::of_program().add("result", text);
}

void print_epoch(const training::EpochMetrics& row) {
  print_lines(training::epoch_line(row) + "\n");
}

void print_test(const workflow::TestResult& result) {
  print_lines(evaluation::results_table(result.evaluation));
  if (!result.report.empty()) print_lines("report: " + result.report.string() + "\n");
}

}  // namespace stationhit::app
