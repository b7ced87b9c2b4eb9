// The ranks of a training as the program meets them: it starts the others, or was started as one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <stationhit/config/run_config.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/training/ranks.hpp>

namespace stationhit::workflow {

class RankProcesses;

class RunRanks {
 public:
  // One rank: this program alone.
  RunRanks();
  // The ranks that `devices` and the environment ask for (training/rank_plan.hpp). Those that
  // nobody has started are started here, as processes of this program with the same arguments,
  // whose output is not shown; waits until all are there. Throws ConfigError (devices that do not
  // exist, contradictions, other settings in another rank) and RankLost.
  RunRanks(const config::RunConfig& run, const core::Observer& observer);
  RunRanks(const RunRanks&) = delete;
  RunRanks& operator=(const RunRanks&) = delete;
  // Ends the ranks that were started here and still run.
  ~RunRanks();

  [[nodiscard]] const training::Ranks& ranks() const { return ranks_; }
  // TrainingRun::gpu
  [[nodiscard]] std::optional<std::uint32_t> gpu() const { return gpu_; }
  // The number for TrainingRun::threads: 0 (all cores) is shared among the ranks of the node.
  [[nodiscard]] unsigned threads(unsigned requested) const;

  // Does the work of this rank and waits for those that were started here. An error of one of them
  // is thrown in the place of the loss of that rank; errors of other ranks than the first begin
  // with their names. observer: whether this rank was asked to stop, so that the others are too.
  void run(const std::function<void()>& work, const core::Observer& observer) const;

 private:
  std::uint32_t ranks_of_node_ = 1;
  std::optional<std::uint32_t> gpu_;
  std::unique_ptr<RankProcesses> processes_;  // null: started by others, or alone
  training::Ranks ranks_;
};

}  // namespace stationhit::workflow
