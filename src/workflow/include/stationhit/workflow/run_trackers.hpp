// The trackers of a run configuration, fed with what a training and its test give.
#pragma once

#include <vector>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/tracking/tracker_list.hpp>
#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/run_options.hpp>

namespace stationhit::workflow {

// Records one training with the trackers of run.trackers and run.use_comet, in a debug run with
// none. A tracker that fails is warned of and changes nothing else: no function throws because of
// it. A training that ends without finish() has failed.
class RunTrackers {
 public:
  // libraries: names and versions of those that the program was built with. ranks: how many train.
  RunTrackers(const config::RunConfig& run, const RunOptions& options, const core::Logger& log,
              const std::vector<tracking::NamedText>& libraries = {}, std::uint32_t ranks = 1);
  ~RunTrackers();
  RunTrackers(const RunTrackers&) = delete;
  RunTrackers& operator=(const RunTrackers&) = delete;

  // Starts the trackers with the first batch. About 50 times an epoch "step/train_loss", the mean
  // of the steps since the last time, and "step/learning_rate". Recorded with the row of the
  // epoch, which says which stage it is of.
  void log_progress(const training::TrainingProgress& now);
  // All metrics of metrics.csv by their names; those of the first stage of two_stage as
  // "first_stage/<name>".
  void log_epoch(const training::EpochMetrics& row);
  void log_first_stage_epoch(const training::EpochMetrics& row);
  // The quantities of the sample as "test/<name>", those of its working points as
  // "test/<name>_<working point>", and the figures of the run directory.
  void log_test(const TestResult& result, std::int64_t epoch);
  void finish(tracking::EndState state);

 private:
  struct StepValues {
    double loss = 0, learning_rate = 0;
    tracking::Moment moment;
  };
  void log_row(const training::EpochMetrics& row, const std::string& prefix);

  std::uint64_t events_per_step_;
  std::filesystem::path figures_;
  tracking::TrackerList trackers_;
  std::vector<StepValues> steps_;  // of the epoch that is not done
  double loss_since_record_ = 0;
  std::int32_t steps_since_record_ = 0;
  bool finished_ = false;
};

}  // namespace stationhit::workflow
