// profile.csv and a table in the log: where the time of this call went. What a step takes until its
// gradients are there is measured where it is done; the rest follows from when the calls come.
#include <string>
#include <vector>

#include <stationhit/core/files.hpp>
#include <stationhit/training/callback.hpp>

#include "stopwatch.hpp"
#include "time_table.hpp"

namespace stationhit::training {
namespace {

class Profile final : public Callback {
 public:
  explicit Profile(const TrainingRun& run)
      : file_(run.directory / "profile.csv"), writes_(writes_files(run)) {}

  [[nodiscard]] std::string name() const override { return "profile"; }

  void begin(const TrainingStart& /*start*/) override { all_ = since_last_ = {}; }

  void before_step(const StepReport& step) override {
    sum_ += step.times;
    events_ += step.events - (step.step == 1 ? 0 : events_of_epoch_);
    events_of_epoch_ = step.events;
    since_last_ = {};
  }
  void after_step(const StepReport& /*step*/, const models::Network& /*network*/) override {
    optimizer_ += since_last_.lap();
  }
  void after_epoch(const EpochReport& epoch) override {
    validation_ += since_last_.lap();
    validation_events_ += epoch.result.validation_events;
  }
  void after_save() override { saving_ += since_last_.lap(); }

  void end(const core::Logger& log) override {
    const std::vector<TimeShare> parts{
        {"waiting for events", sum_.waiting, events_},
        {"(graph and features in loader threads)", sum_.making, events_, /*beside=*/true},
        {"input tensors", sum_.tensors, events_},
        {"forward", sum_.forward, events_},
        {"backward", sum_.backward, events_},
        {"sum of the gradients and idle threads", sum_.summing, events_},
        {"all-reduce", sum_.all_reduce, events_},
        {"optimizer", optimizer_, events_},
        {"validation", validation_, validation_events_},
        {"checkpoints", saving_}};
    const double total = all_.seconds();
    log.info("profile of " + std::to_string(events_) + " training and " +
             std::to_string(validation_events_) + " validation events:\n" +
             time_text(parts, total));
    if (writes_) core::write_text_file(file_, time_csv(parts, total));
  }

 private:
  std::filesystem::path file_;
  bool writes_;
  StepTimes sum_;
  double optimizer_ = 0, validation_ = 0, saving_ = 0;
  std::uint64_t events_ = 0, events_of_epoch_ = 0, validation_events_ = 0;
  Stopwatch all_, since_last_;
};

}  // namespace

std::unique_ptr<Callback> make_profile(const TrainingRun& run) {
  return std::make_unique<Profile>(run);
}

}  // namespace stationhit::training
