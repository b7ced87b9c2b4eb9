// checkpoints/best: the network of the epoch with the best monitored quantity. Which epoch that is
// stands in the state of the training, because the learning rate follows it too.
#include <stationhit/training/callback.hpp>
#include <stationhit/training/run_files.hpp>

#include "checkpoint_io.hpp"

namespace stationhit::training {
namespace {

class BestCheckpoint final : public Callback {
 public:
  explicit BestCheckpoint(const TrainingRun& run)
      : file_(best_checkpoint(run.directory)), writes_(writes_files(run)) {}

  [[nodiscard]] std::string name() const override { return "best_checkpoint"; }

  void after_epoch(const EpochReport& epoch) override {
    if (writes_ && epoch.result.is_best)
      write_checkpoint(file_, epoch.validated, {}, epoch.checkpoint);
  }

 private:
  std::filesystem::path file_;
  bool writes_;
};

}  // namespace

std::unique_ptr<Callback> make_best_checkpoint(const TrainingRun& run) {
  return std::make_unique<BestCheckpoint>(run);
}

}  // namespace stationhit::training
