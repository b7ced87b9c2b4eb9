// The results of a test as test/metrics.json of a run directory holds them, and the part of them
// that the card of a model carries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/evaluation/quantities.hpp>

namespace stationhit::evaluation {

struct TestedPoint {
  double working_point = 0;
  float threshold = 0;  // logit
  Estimates estimates;  // of the quantities at a threshold
};

struct TestResults {
  std::uint64_t n_events = 0, n_hits = 0, n_true_hits = 0, n_muons = 0;
  Estimates estimates;                             // of the quantities of the whole sample
  std::vector<TestedPoint> working_points;         // thresholds of the tested sample
  std::vector<TestedPoint> validation_thresholds;  // that the tested model carries
  std::string checkpoint = {};                     // that of EvaluationResult
};

// Values that the file holds as null (0/0, infinite) are NaN. Throws DataError naming the file
// where it cannot be read, is damaged, or lacks a quantity, as files of earlier versions do.
[[nodiscard]] TestResults read_test_results(const std::filesystem::path& metrics_json);

// What the terminal shows of a test, as a JSON object for the card of a model, and back. What the
// text lacks is left out of the results. read_card_results throws DataError naming `where` for a
// text that is no such object.
[[nodiscard]] std::string card_results_json(const TestResults& results);
[[nodiscard]] TestResults read_card_results(std::string_view json, const std::string& where);

// "0.728 [0.704, 0.749]"; "-" if the point does not have it.
[[nodiscard]] std::string purity_text(const TestedPoint& point);

// The same as tables in Markdown: efficiencies at the thresholds that the model carries, and
// purities at the efficiencies of its working points.
[[nodiscard]] std::string card_results_markdown(const TestResults& results);

}  // namespace stationhit::evaluation
