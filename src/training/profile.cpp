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
    sum_.waiting += step.times.waiting;
    sum_.making += step.times.making;
    sum_.tensors += step.times.tensors;
    sum_.forward += step.times.forward;
    sum_.backward += step.times.backward;
    sum_.summing += step.times.summing;
    sum_.all_reduce += step.times.all_reduce;
    events_ += step.events - (step.step == 1 ? 0 : events_of_epoch_);
    events_of_epoch_ = step.events;
    since_last_ = {};
  }
  void after_step(const StepReport& /*step*/, const models::Network& /*network*/) override {
    optimizer_ += since_last_.lap();
  }
  void after_epoch(const EpochReport& /*epoch*/) override { validation_ += since_last_.lap(); }
  void after_save() override { saving_ += since_last_.lap(); }

  void end(const core::Logger& log) override {
    const std::vector<TimeShare> parts{
        {"waiting for events", sum_.waiting},
        {"(graph and features in loader threads)", sum_.making, /*beside=*/true},
        {"input tensors", sum_.tensors},
        {"forward", sum_.forward},
        {"backward", sum_.backward},
        {"sum of the gradients and idle threads", sum_.summing},
        {"all-reduce", sum_.all_reduce},
        {"optimizer", optimizer_},
        {"validation", validation_},
        {"checkpoints", saving_}};
    const double total = all_.seconds();
    log.info("profile of " + std::to_string(events_) + " events:\n" +
             time_text(parts, total, events_));
    if (writes_) core::write_text_file(file_, time_csv(parts, total, events_));
  }

 private:
  std::filesystem::path file_;
  bool writes_;
  StepTimes sum_;
  double optimizer_ = 0, validation_ = 0, saving_ = 0;
  std::uint64_t events_ = 0, events_of_epoch_ = 0;
  Stopwatch all_, since_last_;
};

}  // namespace

std::unique_ptr<Callback> make_profile(const TrainingRun& run) {
  return std::make_unique<Profile>(run);
}

}  // namespace stationhit::training
