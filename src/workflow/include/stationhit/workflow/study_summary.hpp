// What a study measures, and the means over its seeds. Free of Torch and of files.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace stationhit::workflow {

// All of the validation split.
struct StudyQuantity {
  const char* name;   // column of study.csv
  const char* title;  // heading of tables, axis of figures
  bool larger_is_better;
};
inline constexpr std::array study_quantities{
    StudyQuantity{"auc", "AUC", true},
    StudyQuantity{"purity", "Purity at 99 % hit efficiency", true},
    StudyQuantity{"loss", "Loss", false}};
inline constexpr std::size_t auc_index = 0, purity_index = 1, loss_index = 2;

// The value of a quantity, and its values for replicas of the split, which are the same resampled
// events in all measurements. Replicas only where a study has a single seed.
struct StudyValue {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> replicas = {};
};
using StudyMeasurement = std::array<StudyValue, study_quantities.size()>;

enum class StudyMethod { trained, permuted };
constexpr auto names_of(StudyMethod) {
  return std::to_array<std::string_view>({"trained", "permuted"});
}

// One variant with one seed.
struct StudyRow {
  std::string name, label;  // of the variant or of the permuted features
  StudyMethod method = StudyMethod::trained;
  std::uint64_t seed = 0;
  StudyMeasurement measured, base;  // base: the base network of this seed on the same events
  std::uint64_t parameters = 0, training_events = 0;
  double ms_per_event = 0;  // of a training epoch; 0 for permuted values
  std::int32_t best_epoch = 0;
};

struct StudyEstimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();
};

// A variant over its seeds.
struct StudyEntry {
  std::string name, label;
  StudyMethod method = StudyMethod::trained;
  std::size_t seeds = 0;
  std::array<StudyEstimate, study_quantities.size()> values, differences;  // to the base
  std::uint64_t parameters = 0, training_events = 0;
  StudyEstimate ms_per_event = {};
};

// Means over the seeds in the order in which names and methods appear first. Errors are standard
// errors of the mean: standard deviation / sqrt(seeds), of differences with the base of the same
// seed. With one seed they are the standard deviations over the replicas; NaN without replicas.
[[nodiscard]] std::vector<StudyEntry> summarize_study(const std::vector<StudyRow>& rows);

}  // namespace stationhit::workflow
