// norms.csv: for every epoch the L2 norm of every trained tensor and of all together ("all"), of
// their gradients before clipping the root mean square and the largest over the steps.
#include <algorithm>
#include <cmath>
#include <string>

#include <stationhit/training/callback.hpp>
#include <stationhit/training/run_files.hpp>

#include "epoch_table.hpp"
#include "tensor_norm.hpp"

namespace stationhit::training {
namespace {

// Squared norms of the gradients of a tensor, over the steps of an epoch.
struct SquaredNorms {
  double sum = 0, largest = 0;

  void add(double squared) {
    sum += squared;
    largest = std::max(largest, squared);
  }
};

class Norms final : public Callback {
 public:
  explicit Norms(const TrainingRun& run)
      : writes_(writes_files(run)),
        table_(run.directory / "norms.csv",
               "tensor,weight_norm,gradient_norm,largest_gradient_norm") {}

  [[nodiscard]] std::string name() const override { return "norms"; }

  void begin(const TrainingStart& start) override {
    if (writes_ && !start.history.empty()) table_.continue_after(start.history.back().epoch);
  }

  void before_step(const StepReport& step) override {
    if (!writes_) return;
    gradients_.resize(step.gradients.size());
    double all = 0;
    for (std::size_t i = 0; i < gradients_.size(); ++i) {
      const double squared = squared_norm(step.gradients[i]);
      gradients_[i].add(squared);
      all += squared;
    }
    all_gradients_.add(all);
    ++steps_;
  }

  void after_epoch(const EpochReport& epoch) override {
    if (!writes_) return;
    const std::int32_t number = epoch.result.metrics.epoch;
    const auto parameters = epoch.trained.trained_parameters();
    double all = 0;
    for (std::size_t i = 0; i < gradients_.size(); ++i) {
      const double squared = squared_norm(parameters[i].value());
      add_row(number, parameters[i].key(), squared, gradients_[i]);
      all += squared;
    }
    add_row(number, "all", all, all_gradients_);
    table_.save();
    gradients_.clear();
    all_gradients_ = {};
    steps_ = 0;
  }

 private:
  void add_row(std::int32_t epoch, const std::string& tensor, double squared_weights,
               const SquaredNorms& gradients) {
    table_.add(epoch, tensor + "," + csv_number(std::sqrt(squared_weights)) + "," +
                          csv_number(std::sqrt(gradients.sum / static_cast<double>(steps_))) + "," +
                          csv_number(std::sqrt(gradients.largest)));
  }

  bool writes_;
  EpochTable table_;
  std::vector<SquaredNorms> gradients_;  // by tensor
  SquaredNorms all_gradients_;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<Callback> make_norms(const TrainingRun& run) {
  return std::make_unique<Norms>(run);
}

}  // namespace stationhit::training
