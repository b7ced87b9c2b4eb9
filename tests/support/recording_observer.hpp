// An observer that keeps what work says and asks it to stop when a test wants that. Needs core
// only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/observer.hpp>

namespace stationhit::test {

class RecordingObserver : public core::Observer {
 public:
  RecordingObserver()
      : log_([this](core::LogLevel level, const std::string& message) {
          (level == core::LogLevel::warning ? warnings : messages).push_back(message);
          if (!stop_message_.empty() && message.find(stop_message_) != std::string::npos)
            stop_ = true;
        }) {}

  // Asks to stop at update number `updates` of the piece of work with this label.
  void stop_at_update(std::uint64_t updates, std::string label) {
    updates_left_ = updates;
    stop_label_ = std::move(label);
  }
  // Asks to stop when a message with this text is logged.
  void stop_at_message(std::string text) { stop_message_ = std::move(text); }
  void stop() { stop_ = true; }

  std::vector<std::string> messages, warnings;

  [[nodiscard]] const core::Logger& log() const override { return log_; }
  [[nodiscard]] const std::atomic<bool>& stop_flag() const override { return stop_; }
  [[nodiscard]] std::unique_ptr<core::Progress> start_progress(
      const std::string& label, std::uint64_t /*total*/) const override {
    return std::make_unique<Counter>(*this, label == stop_label_);
  }

 private:
  class Counter : public core::Progress {
   public:
    Counter(const RecordingObserver& observer, bool may_stop)
        : observer_(observer), may_stop_(may_stop) {}
    void update(std::uint64_t /*done*/, const std::string& /*note*/) override {
      if (may_stop_ && --observer_.updates_left_ == 0) observer_.stop_ = true;
    }

   private:
    const RecordingObserver& observer_;
    bool may_stop_;
  };

  core::Logger log_;
  mutable std::atomic<bool> stop_{false};
  mutable std::uint64_t updates_left_ = 0;
  std::string stop_label_, stop_message_;
};

}  // namespace stationhit::test
