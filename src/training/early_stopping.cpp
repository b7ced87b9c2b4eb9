#include <stationhit/training/callback.hpp>
#include <stationhit/training/early_stopping.hpp>

#include "monitor.hpp"

namespace stationhit::training {
namespace {

class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(const TrainingConfig& config) : config_(config) {}

  [[nodiscard]] std::string name() const override { return early_stopping_name; }

  void after_epoch(const EpochReport& epoch) override {
    state_ = take_in(state_, config_.early_stopping,
                     monitored_value(config_.monitor, epoch.result.metrics));
  }
  [[nodiscard]] bool wants_stop() const override { return state_.stopped; }

  [[nodiscard]] CallbackState state() const override { return {to_numbers(state_), {}}; }
  void restore(const CallbackState& state) override {
    state_ = continued(early_stopping_from(state.numbers), config_.early_stopping);
  }

 private:
  TrainingConfig config_;
  EarlyStoppingState state_;
};

}  // namespace

// Also where it is switched off: switched on later, it knows how long it has waited.
std::unique_ptr<Callback> make_early_stopping(const TrainingRun& run) {
  return std::make_unique<EarlyStopping>(run.training);
}

}  // namespace stationhit::training
