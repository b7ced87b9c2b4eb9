// checkpoints/epoch_<number>: the networks of the best epochs. A new one is written before
// checkpoints/last says that it is kept, and one that drops out is removed after, so a killed
// training has all that its state names; what it has more is removed when it goes on.
#include "keep_best.hpp"

#include <algorithm>
#include <string>

#include <stationhit/core/text.hpp>
#include <stationhit/training/callback.hpp>
#include <stationhit/training/run_files.hpp>

#include "checkpoint_io.hpp"

namespace stationhit::training {
namespace {

class KeepBest final : public Callback {
 public:
  explicit KeepBest(const TrainingRun& run)
      : directory_(run.directory), config_(run.training.keep_best), writes_(writes_files(run)) {}

  [[nodiscard]] std::string name() const override { return "keep_best"; }

  void begin(const TrainingStart& start) override {
    if (start.history.empty()) kept_.clear();
    if (writes_) remove_epoch_checkpoints(directory_, kept_);
  }

  void after_epoch(const EpochReport& epoch) override {
    kept_ = choose_best_epochs(kept_, epoch.history, config_.metric, config_.k);
    const std::int32_t now = epoch.result.metrics.epoch;
    if (writes_ && std::ranges::binary_search(kept_, now))
      write_checkpoint(epoch_checkpoint(directory_, now), epoch.validated, {}, epoch.checkpoint);
  }
  void after_save() override {
    if (writes_) remove_epoch_checkpoints(directory_, kept_);
  }
  void end(const core::Logger& log) override {
    if (!writes_ || kept_.empty()) return;
    std::vector<std::string> epochs;
    for (const std::int32_t epoch : kept_) epochs.push_back(std::to_string(epoch));
    log.info("keep_best: " + (directory_ / "checkpoints").string() +
             " has the checkpoints of the epochs " + core::join(epochs) + ", the best by " +
             config_.metric);
  }

  [[nodiscard]] CallbackState state() const override {
    CallbackState state;
    for (const std::int32_t epoch : kept_) state.numbers.emplace(std::to_string(epoch), epoch);
    return state;
  }
  void restore(const CallbackState& state) override {
    kept_.clear();
    for (const auto& [key, epoch] : state.numbers)
      kept_.push_back(static_cast<std::int32_t>(epoch));
    // A file that was removed meanwhile is not kept any more.
    if (writes_)
      std::erase_if(kept_, [this](std::int32_t epoch) {
        return !std::filesystem::exists(epoch_checkpoint(directory_, epoch));
      });
    std::ranges::sort(kept_);
  }

 private:
  std::filesystem::path directory_;
  KeepBestConfig config_;
  bool writes_;
  std::vector<std::int32_t> kept_;  // ascending
};

}  // namespace

std::unique_ptr<Callback> make_keep_best(const TrainingRun& run) {
  return std::make_unique<KeepBest>(run);
}

}  // namespace stationhit::training
