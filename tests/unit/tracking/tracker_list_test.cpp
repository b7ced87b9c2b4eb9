#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/tracking/tracker_list.hpp>

namespace stationhit::tracking {
namespace {

using Calls = std::vector<std::string>;

// Notes its calls; fails in that of a metric of this name.
class RecordingTracker final : public Tracker {
 public:
  RecordingTracker(Calls& calls, std::string fails_at)
      : calls_(calls), fails_at_(std::move(fails_at)) {}

  void start(const RunDescription& run, const Moment& /*moment*/) override {
    calls_.push_back("start " + run.name);
  }
  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    if (metrics[0].name == fails_at_) throw core::DataError("disk full");
    calls_.push_back(metrics[0].name + " " + std::to_string(moment.epoch));
  }
  void log_figure(const std::filesystem::path& png, const Moment& moment) override {
    calls_.push_back(png.string() + " " + std::to_string(moment.epoch));
  }
  void finish(EndState state, const Moment& moment) override {
    calls_.push_back(std::string(name(state)) + " " + std::to_string(moment.epoch));
  }

 private:
  Calls& calls_;
  std::string fails_at_;
};

class TrackerListTest : public testing::Test {
 protected:
  TrackerList make_list(const std::string& first_fails_at = "") {
    std::vector<TrackerList::Named> trackers;
    trackers.emplace_back("one", std::make_unique<RecordingTracker>(first_, first_fails_at));
    trackers.emplace_back("two", std::make_unique<RecordingTracker>(second_, ""));
    RunDescription run;
    run.name = "mine";
    return {std::move(trackers), run, core::Logger([this](core::LogLevel, const std::string& text) {
              log_.push_back(text);
            })};
  }
  static void log_metric(TrackerList& list, const std::string& name, std::int64_t epoch) {
    list.log_metrics(std::vector<MetricValue>{{name, 0.5}}, {.epoch = epoch});
  }

  Calls first_, second_, log_;
};

TEST_F(TrackerListTest, TheDescriptionComesWithTheStart) {
  TrackerList list = make_list();
  EXPECT_EQ(first_, Calls{});
  list.start({.epoch = 1});
  EXPECT_EQ(first_, Calls{"start mine"});
  log_metric(list, "val_loss", 1);
  list.log_figure("roc.png", {.epoch = 2});
  list.finish(EndState::finished);
  EXPECT_EQ(first_, (Calls{"start mine", "val_loss 1", "roc.png 2", "finished 2"}));
  EXPECT_EQ(second_, first_);
  EXPECT_EQ(log_, Calls{});
}

TEST_F(TrackerListTest, ATrainingThatNeverBeganLeavesNothing) {
  make_list().finish(EndState::failed);
  EXPECT_EQ(first_, Calls{});
}

TEST_F(TrackerListTest, OneThatFailsIsWarnedOfOnceAndTheOthersGoOn) {
  TrackerList list = make_list("val_auc");
  log_metric(list, "val_loss", 1);
  log_metric(list, "val_auc", 1);
  log_metric(list, "val_auc", 2);
  list.finish(EndState::finished);
  EXPECT_EQ(first_, (Calls{"start mine", "val_loss 1"}));
  EXPECT_EQ(second_, (Calls{"start mine", "val_loss 1", "val_auc 1", "val_auc 2", "finished 2"}));
  EXPECT_EQ(log_, Calls{"the tracker one records nothing more of this training: disk full; "
                        "metrics.csv and the figures of the run directory are complete"});
}

}  // namespace
}  // namespace stationhit::tracking
