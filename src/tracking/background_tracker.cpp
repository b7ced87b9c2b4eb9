// One queue of calls under one mutex. What the thread has to say waits in `warning_`, because
// messages belong to the thread of the training.
#include "background_tracker.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): masks of signals are POSIX

namespace stationhit::tracking {
namespace {

using Call = std::function<void(Tracker&)>;

// Passes calls to the sender and, once that failed or was told to stop, to the keeper. The first
// call is the start of the run, which a keeper that comes later gets too. Used by one thread.
class Route {
 public:
  Route(BackgroundTargets targets, StopRequested stop)
      : targets_(std::move(targets)), stop_(std::move(stop)) {
    try {
      sender_ = targets_.make_sender(stop_);
    } catch (const std::exception& error) {
      reason_ = error.what();
    }
  }

  void pass(const Call& call) {
    if (!send(call)) keep(call);
    if (!start_) start_ = call;
  }

  // A server that does not answer will not take the next record either: that tells.
  void keep_alive() noexcept {
    if (!sender_ || !start_) return;
    try {
      sender_->keep_alive();
    } catch (const std::exception&) {
      return;
    }
  }

  [[nodiscard]] bool sends() const { return sender_ != nullptr; }
  // Why the sender sends nothing more; empty where it was told to stop.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  // Why the keeper keeps nothing; empty: it does.
  [[nodiscard]] const std::string& loss() const { return loss_; }
  [[nodiscard]] const BackgroundTargets& targets() const { return targets_; }

 private:
  bool send(const Call& call) {
    if (sender_ && stop_()) sender_.reset();
    if (!sender_) return false;
    try {
      call(*sender_);
      return true;
    } catch (const std::exception& error) {
      reason_ = error.what();
      sender_.reset();
      return false;
    }
  }

  void keep(const Call& call) {
    if (!loss_.empty()) return;
    try {
      if (!keeper_) {
        keeper_ = targets_.make_keeper();
        if (start_) start_(*keeper_);
      }
      call(*keeper_);
    } catch (const std::exception& error) {
      loss_ = error.what();
    }
  }

  BackgroundTargets targets_;
  StopRequested stop_;
  std::string reason_, loss_;
  std::unique_ptr<Tracker> sender_, keeper_;
  Call start_;
};

// Writing to a connection that the server has closed is to fail, not to end the program.
void ignore_closed_connections() {
  sigset_t closed;
  sigemptyset(&closed);
  sigaddset(&closed, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &closed, nullptr);
}

std::string seconds_text(std::chrono::milliseconds time) {
  return std::to_string(time.count() / 1000) + " s";
}

class BackgroundTracker final : public Tracker {
 public:
  BackgroundTracker(BackgroundTargets targets, core::Logger log, const BackgroundOptions& options)
      : options_(options),
        log_(std::move(log)),
        route_(std::move(targets), [this] { return stop_.load(); }),
        thread_([this] { work(); }) {}

  ~BackgroundTracker() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      stop_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }
  BackgroundTracker(const BackgroundTracker&) = delete;
  BackgroundTracker& operator=(const BackgroundTracker&) = delete;

  void start(const RunDescription& run, const Moment& moment) override {
    push([run, moment](Tracker& tracker) { tracker.start(run, moment); });
  }

  void log_metrics(std::span<const MetricValue> metrics, const Moment& moment) override {
    push([copy = std::vector<MetricValue>(metrics.begin(), metrics.end()),
          moment](Tracker& tracker) { tracker.log_metrics(copy, moment); });
  }

  void log_figure(const std::filesystem::path& png, const Moment& moment) override {
    push([png, moment](Tracker& tracker) { tracker.log_figure(png, moment); });
  }

  void finish(EndState state, const Moment& moment) override {
    {
      const std::lock_guard lock(mutex_);
      finishing_ = true;
    }
    push([state, moment](Tracker& tracker) { tracker.finish(state, moment); });
    wait_for_server(state == EndState::finished ? options_.finish_timeout
                                                : options_.early_finish_timeout);
    tell();
  }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void push(Call call) {
    tell();
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.capacity)
      give_up(std::to_string(queue_.size()) + " records wait for the server, which is too slow");
    // The keeper is quick; a disk that does not answer must not fill the memory.
    if (queue_.size() >= 2 * options_.capacity) return;
    queue_.push_back(std::move(call));
    changed_.notify_all();
  }

  // Waits as long as it takes to see whether the server keeps up, then for the rest of the time.
  void wait_for_server(std::chrono::milliseconds time) {
    constexpr std::chrono::milliseconds unnoticed{1'000}, time_to_keep{20'000};
    Lock lock(mutex_);
    if (wait_until_idle(lock, std::min(time, unnoticed))) return;
    lock.unlock();
    log_.info("sending what is left to " + route_.targets().name + ", for at most " +
              seconds_text(time));
    lock.lock();
    if (wait_until_idle(lock, time)) return;
    give_up(std::to_string(queue_.size() + 1) + " records were not sent within " +
            seconds_text(time));
    wait_until_idle(lock, time_to_keep);
  }

  bool wait_until_idle(Lock& lock, std::chrono::milliseconds time) {
    return changed_.wait_for(lock, time, [this] { return queue_.empty() && !busy_; });
  }

  // Called under the mutex.
  void give_up(const std::string& reason) {
    if (stop_.exchange(true)) return;
    given_up_ = reason;
  }

  void tell() {
    Lock lock(mutex_);
    const std::string warning = std::exchange(warning_, {});
    lock.unlock();
    if (!warning.empty()) log_.warning(warning);
  }

  // False where it is time to keep the sender alive. A run that ended is not kept alive.
  bool wait_for_call(Lock& lock) {
    const auto has_work = [this] { return ended_ || !queue_.empty(); };
    const auto has_work_or_ends = [&] { return has_work() || finishing_; };
    if (!finishing_ && !changed_.wait_for(lock, options_.keep_alive_interval, has_work_or_ends))
      return false;
    changed_.wait(lock, has_work);
    return true;
  }

  void work() {
    ignore_closed_connections();
    Lock lock(mutex_);
    for (;;) {
      if (!wait_for_call(lock)) {
        lock.unlock();
        route_.keep_alive();
        lock.lock();
        continue;
      }
      if (ended_) return;
      const Call call = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      lock.unlock();
      route_.pass(call);
      lock.lock();
      busy_ = false;
      note_failures();
      changed_.notify_all();
    }
  }

  // Called under the mutex; leaves one warning for each of the two that can fail.
  void note_failures() {
    const BackgroundTargets& targets = route_.targets();
    if (!route_.loss().empty() && !std::exchange(loss_noted_, true)) {
      warning_ = "the tracker " + targets.name + " records nothing more: " + reason() + ", and " +
                 targets.kept + " cannot be written: " + route_.loss() +
                 "; metrics.csv and the figures of the run directory are complete";
      failure_noted_ = true;
    }
    if (!route_.sends() && !std::exchange(failure_noted_, true))
      warning_ = "the tracker " + targets.name + " sends nothing more: " + reason() +
                 "; what was not sent is kept in " + targets.kept;
  }

  [[nodiscard]] const std::string& reason() const {
    return given_up_.empty() ? route_.reason() : given_up_;
  }

  BackgroundOptions options_;
  core::Logger log_;
  std::atomic<bool> stop_ = false;  // for the sender
  Route route_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> queue_;
  bool busy_ = false, finishing_ = false, ended_ = false, failure_noted_ = false,
       loss_noted_ = false;
  std::string given_up_, warning_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

std::unique_ptr<Tracker> run_in_background(BackgroundTargets targets, core::Logger log,
                                           const BackgroundOptions& options) {
  return std::make_unique<BackgroundTracker>(std::move(targets), std::move(log), options);
}

}  // namespace stationhit::tracking
