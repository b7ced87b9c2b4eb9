#include <string>
#include <vector>

#include <stationhit/core/text.hpp>
#include <stationhit/training/callback.hpp>
#include <stationhit/training/early_stopping.hpp>

#include "monitor.hpp"

namespace stationhit::training {
namespace {

// "early stopping after epoch 9 of 20: ..."
std::string describe_stop(const EarlyStoppingState& state, const TrainingConfig& config,
                          std::int32_t epoch) {
  const double best = written_value(config.monitor, *state.best);
  return "early stopping after epoch " + std::to_string(epoch) + " of " +
         std::to_string(config.epochs) + ": " + config.monitor + " has not improved on the " +
         core::to_text(static_cast<float>(best)) + " of epoch " +
         std::to_string(epoch - state.waited) + " by more than " +
         core::to_text(config.early_stopping.min_delta) + " for " + std::to_string(state.waited) +
         (state.waited == 1 ? " epoch" : " epochs") + " (training.early_stopping)";
}

class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(const TrainingConfig& config) : config_(config) {}

  [[nodiscard]] std::string name() const override { return early_stopping_name; }

  void begin(const TrainingStart& start) override { history_ = &start.history; }

  void after_epoch(const EpochReport& epoch) override {
    state_ = take_in(state_, config_.early_stopping,
                     monitored_value(config_.monitor, epoch.result.metrics));
  }
  [[nodiscard]] bool wants_stop() const override { return state_.stopped; }

  void end(const core::Logger& log) override {
    if (state_.stopped) log.info(describe_stop(state_, config_, history_->back().epoch));
  }

  [[nodiscard]] CallbackState state() const override { return {to_numbers(state_), {}}; }
  void restore(const CallbackState& state) override {
    state_ = continued(early_stopping_from(state.numbers), config_.early_stopping);
  }

 private:
  TrainingConfig config_;
  EarlyStoppingState state_;
  const std::vector<EpochMetrics>* history_ = nullptr;
};

}  // namespace

// Also where it is switched off: switched on later, it knows how long it has waited.
std::unique_ptr<Callback> make_early_stopping(const TrainingRun& run) {
  return std::make_unique<EarlyStopping>(run.training);
}

}  // namespace stationhit::training
