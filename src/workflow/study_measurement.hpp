// The quantities of a study, measured with a trained network and kept beside its checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/study_summary.hpp>
#include <stationhit/workflow/study_variants.hpp>

namespace stationhit::workflow {

// Measurements with one checkpoint on one split, in the file measurements.json of its run
// directory. A file of another checkpoint, of other events, or a damaged one counts as empty.
class MeasurementFile {
 public:
  MeasurementFile(const std::filesystem::path& run_directory,
                  const std::filesystem::path& checkpoint, const std::string& events_id);

  [[nodiscard]] std::optional<StudyMeasurement> find(const std::string& what) const;
  // Written at once.
  void add(const std::string& what, StudyMeasurement measurement);

 private:
  void write() const;

  std::filesystem::path path_;
  std::string checkpoint_, events_;
  std::map<std::string, StudyMeasurement> measurements_;
};

// A trained network and what it is measured on.
struct MeasuredNetwork {
  const training::LoadedNetwork& network;
  const config::RunConfig& run;  // with the seed of the network
  const LabeledSplit& split;     // validation
  bool resampled = false;        // with replicas
};

// On the first events of the split (0: all). Nothing: the observer asked to stop. Throws DataError
// for a split without signal or background.
[[nodiscard]] std::optional<StudyMeasurement> measure(const MeasuredNetwork& measured,
                                                      std::uint64_t events, MeasurementFile& file,
                                                      const core::Observer& observer);

// The same with the values of these features permuted (permuted_events.hpp) on
// study.permuted_events events: mean over study.permutations permutations.
[[nodiscard]] std::optional<StudyMeasurement> measure_permuted(const MeasuredNetwork& measured,
                                                               const FeatureSet& set,
                                                               MeasurementFile& file,
                                                               const core::Observer& observer);

}  // namespace stationhit::workflow
