#include "../../../src/tracking/background_tracker.hpp"

#include <atomic>
#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

namespace stationhit::tracking {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

// Notes its calls in the form "val_loss 3".
class NotingTracker final : public Tracker {
 public:
  NotingTracker(Texts& calls, std::atomic<int>& kept_alive, std::function<void()> before_start,
                std::int64_t refused_epoch)
      : calls_(calls),
        kept_alive_(kept_alive),
        before_start_(std::move(before_start)),
        refused_epoch_(refused_epoch) {}

  void start(const RunDescription& run, const Moment& /*moment*/) override {
    before_start_();
    calls_.push_back("start " + run.name);
  }
  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    if (moment.epoch == refused_epoch_) throw core::DataError("13 is refused");
    calls_.push_back(metrics[0].name + " " + std::to_string(moment.epoch));
  }
  void log_figure(const std::filesystem::path& png, const Moment& moment) override {
    calls_.push_back(png.string() + " " + std::to_string(moment.epoch));
  }
  void finish(EndState state, const Moment& /*moment*/) override {
    calls_.emplace_back(name(state));
  }
  void keep_alive() override {
    calls_.emplace_back("alive");
    ++kept_alive_;
  }

 private:
  Texts& calls_;
  std::atomic<int>& kept_alive_;
  std::function<void()> before_start_;
  std::int64_t refused_epoch_;
};

class Background : public testing::Test {
 protected:
  // before_start: what the sender does before it starts.
  void make(const std::function<void(const StopRequested&)>& before_start,
            const BackgroundOptions& options = {}) {
    BackgroundTargets targets{"far", "the file", {}, {}};
    targets.make_sender = [this, before_start](const StopRequested& stop) {
      return std::make_unique<NotingTracker>(
          sent_, kept_alive_, [before_start, stop] { before_start(stop); }, 13);
    };
    targets.make_keeper = [this]() -> std::unique_ptr<Tracker> {
      if (!disk_works_) throw core::DataError("disk full");
      return std::make_unique<NotingTracker>(
          kept_, kept_alive_, [] {}, 0);
    };
    tracker_ = run_in_background(targets, log_, options);
    RunDescription run;
    run.name = "mine";
    tracker_->start(run, {.epoch = 1});
  }
  void log_metric(std::int64_t epoch) {
    tracker_->log_metrics(std::vector<MetricValue>{{"val_loss", 0.5}}, {.epoch = epoch});
  }
  void finish(EndState state = EndState::finished) {
    tracker_->finish(state, {.epoch = 2});
    tracker_.reset();
  }

  Texts sent_, kept_, messages_;
  std::atomic<int> kept_alive_ = 0;
  bool disk_works_ = true;
  core::Logger log_{[this](core::LogLevel, const std::string& text) { messages_.push_back(text); }};
  std::unique_ptr<Tracker> tracker_;
};

void wait_for_stop(const StopRequested& stop) {
  while (!stop()) std::this_thread::sleep_for(1ms);
}

TEST_F(Background, CallsReturnAtOnceAndRecordsKeepTheirOrder) {
  std::promise<void> go;
  make([&](const StopRequested&) { go.get_future().wait(); });
  log_metric(1);
  tracker_->log_figure("roc.png", {.epoch = 2});
  go.set_value();
  finish();
  EXPECT_EQ(sent_, (Texts{"start mine", "val_loss 1", "roc.png 2", "finished"}));
  EXPECT_EQ(kept_, Texts{});
  EXPECT_EQ(messages_, Texts{});
}

TEST_F(Background, WhatCannotBeSentIsKeptFromThereOn) {
  make([](const StopRequested&) {});
  log_metric(1);
  log_metric(13);
  log_metric(2);
  finish();
  EXPECT_EQ(sent_, (Texts{"start mine", "val_loss 1"}));
  EXPECT_EQ(kept_, (Texts{"start mine", "val_loss 13", "val_loss 2", "finished"}));
  EXPECT_EQ(messages_,
            Texts{"the tracker far sends nothing more: 13 is refused; what was not sent is kept in "
                  "the file"});
}

TEST_F(Background, ASenderThatFailsAtOnceLeavesEverythingToTheKeeper) {
  make([](const StopRequested&) { throw core::DataError("no network"); });
  log_metric(1);
  log_metric(2);
  finish(EndState::failed);
  EXPECT_EQ(sent_, Texts{});
  EXPECT_EQ(kept_, (Texts{"start mine", "val_loss 1", "val_loss 2", "failed"}));
  EXPECT_EQ(messages_, Texts{"the tracker far sends nothing more: no network; what was not sent is "
                             "kept in the file"});
}

TEST_F(Background, AFullDiskLosesRecordsAndSaysSo) {
  disk_works_ = false;
  make([](const StopRequested&) { throw core::DataError("no network"); });
  finish();
  EXPECT_EQ(messages_,
            Texts{"the tracker far records nothing more: no network, and the file cannot be "
                  "written: disk full; metrics.csv and the figures of the run directory are "
                  "complete"});
}

TEST_F(Background, AServerThatIsTooSlowIsGivenUp) {
  std::promise<void> begun;
  make(
      [&](const StopRequested& stop) {
        begun.set_value();
        wait_for_stop(stop);
      },
      {.capacity = 2});
  begun.get_future().wait();  // the start is no longer in the queue
  for (const int epoch : {1, 2, 3}) log_metric(epoch);
  finish();
  // The start was sent in the end.
  EXPECT_EQ(kept_, (Texts{"start mine", "val_loss 1", "val_loss 2", "val_loss 3", "finished"}));
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_EQ(messages_[0],
            "the tracker far sends nothing more: 2 records wait for the server, which is too slow; "
            "what was not sent is kept in the file");
}

TEST_F(Background, TheEndWaitsForALimitedTime) {
  make(wait_for_stop, {.finish_timeout = 50ms});
  log_metric(1);
  finish();
  EXPECT_EQ(kept_, (Texts{"start mine", "val_loss 1", "finished"}));
  EXPECT_EQ(messages_, (Texts{"sending what is left to far, for at most 0 s",
                              "the tracker far sends nothing more: 3 records were not sent within "
                              "0 s; what was not sent is kept in the file"}));
}

TEST_F(Background, AnInterruptedTrainingWaitsLess) {
  make(wait_for_stop, {.finish_timeout = 1h, .early_finish_timeout = 50ms});
  finish(EndState::interrupted);
  EXPECT_EQ(kept_, (Texts{"start mine", "interrupted"}));
}

TEST_F(Background, ASenderIsKeptAliveWhileNothingComes) {
  make([](const StopRequested&) {}, {.keep_alive_interval = 1ms});
  while (kept_alive_ < 2) std::this_thread::sleep_for(1ms);
  tracker_->finish(EndState::finished, {.epoch = 2});
  std::this_thread::sleep_for(20ms);  // a run that ended is not kept alive
  tracker_.reset();
  ASSERT_GE(sent_.size(), 4U);
  EXPECT_EQ(sent_[0], "start mine");
  EXPECT_EQ(sent_[1], "alive");
  EXPECT_EQ(sent_[2], "alive");
  EXPECT_EQ(sent_.back(), "finished");
}

// TLS writes without MSG_NOSIGNAL. Would end the test program.
TEST_F(Background, AConnectionThatTheServerClosedEndsNothing) {
  make([](const StopRequested&) { std::raise(SIGPIPE); });
  finish();
  EXPECT_EQ(sent_, (Texts{"start mine", "finished"}));
}

// Would hang if the destructor did not ask the sender to stop.
TEST_F(Background, WithoutAnEndTheDestructorEndsACallThatTakesLong) {
  make(wait_for_stop);
  tracker_.reset();
  EXPECT_EQ(kept_, Texts{});
}

}  // namespace
}  // namespace stationhit::tracking
