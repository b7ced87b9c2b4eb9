// The results of a test as test/metrics.json of a run directory holds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {

struct TestedPoint {
  double working_point = 0;
  float threshold = 0;  // logit, of the tested sample
  Estimates estimates;  // of the quantities at a threshold
};

struct TestResults {
  std::uint64_t n_events = 0, n_hits = 0, n_true_hits = 0, n_muons = 0;
  Estimates estimates;  // of the quantities of the whole sample
  std::vector<TestedPoint> working_points;
  std::string checkpoint = {};  // that of EvaluationResult
};

// Values that the file holds as null (0/0, infinite) are NaN. Throws DataError naming the file
// where it cannot be read, is damaged, or lacks a quantity, as files of earlier versions do.
[[nodiscard]] TestResults read_test_results(const std::filesystem::path& metrics_json);

}  // namespace stationhit::evaluation
