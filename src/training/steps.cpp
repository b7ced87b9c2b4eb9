// steps.csv: one row per optimizer step.
#include <string>

#include <stationhit/training/callback.hpp>
#include <stationhit/training/run_files.hpp>

#include "epoch_table.hpp"
#include "tensor_norm.hpp"

namespace stationhit::training {
namespace {

class Steps final : public Callback {
 public:
  explicit Steps(const TrainingRun& run)
      : writes_(writes_files(run)),
        table_(run.directory / "steps.csv", "step,events,learning_rate,loss,gradient_norm") {}

  [[nodiscard]] std::string name() const override { return "steps"; }

  void begin(const TrainingStart& start) override {
    if (writes_ && !start.history.empty()) table_.continue_after(start.history.back().epoch);
  }
  void before_step(const StepReport& step) override {
    if (!writes_) return;
    table_.add(step.epoch, std::to_string(step.step) + "," + std::to_string(step.events) + "," +
                               csv_number(step.learning_rate) + "," + csv_number(step.loss) + "," +
                               csv_number(norm_of(step.gradients)));
  }
  void after_epoch(const EpochReport& /*epoch*/) override {
    if (writes_) table_.save();
  }

 private:
  bool writes_;
  EpochTable table_;
};

}  // namespace

std::unique_ptr<Callback> make_steps(const TrainingRun& run) {
  return std::make_unique<Steps>(run);
}

}  // namespace stationhit::training
