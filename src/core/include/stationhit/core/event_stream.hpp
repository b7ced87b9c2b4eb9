// Streams of events: readers implement them and everything else uses them.
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
  // Names the event that next() returned last, for messages: "file.root, entry 12".
  [[nodiscard]] virtual std::string where() const = 0;
  // The total number of events, if it is known without reading them.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

// Reads events that are in memory already, in order. It does not own them: they must outlive the
// reader and must not move.
class MemoryReader final : public EventReader {
 public:
  // `name` replaces the file name in messages.
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
  // Completes the file and gives it its final name. If it is not called, the destructor removes
  // what was written.
  virtual void close() = 0;
};

}  // namespace stationhit::core
