// Streams of events: what readers implement and everything else consumes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

class EventReader {
 public:
  virtual ~EventReader() = default;
  // Fills `event` (its memory is reused) and returns true, or returns false at the end. Throws
  // DataError.
  virtual bool next(Event& event) = 0;
  // "file.root, entry 12" of the event that next() gave last; for messages.
  [[nodiscard]] virtual std::string where() const = 0;
  // Number of events in all, where it is known without reading them.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

// Events that are in memory already, in order. Does not own them: they must outlive the reader and
// stay where they are.
class MemoryReader final : public EventReader {
 public:
  // `name` stands in messages for the file.
  explicit MemoryReader(std::span<const Event> events, std::string name = "memory")
      : events_(events), name_(std::move(name)) {}
  bool next(Event& event) override {
    if (n_given_ == events_.size()) return false;
    event = events_[n_given_++];
    return true;
  }
  // "memory, event 12", counted from 0.
  [[nodiscard]] std::string where() const override {
    return name_ + ", event " + std::to_string(n_given_ > 0 ? n_given_ - 1 : 0);
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_.size(); }

 private:
  std::span<const Event> events_;
  std::string name_;
  std::size_t n_given_ = 0;
};

class EventWriter {
 public:
  virtual ~EventWriter() = default;
  virtual void write(const Event& event) = 0;
  // Completes the file and gives it its final name. Without it the destructor removes what was
  // written.
  virtual void close() = 0;
};

}  // namespace stationhit::core
