// Streams of events: what readers implement and everything else consumes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

class EventReader {
 public:
  virtual ~EventReader() = default;
  // Fills `event` (its memory is reused) and returns true, or returns false at the end. Throws DataError.
  virtual bool next(Event& event) = 0;
  // "file.root, entry 12" of the event that next() gave last; for messages.
  [[nodiscard]] virtual std::string where() const = 0;
  // Number of events in all, where it is known without reading them.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

class EventWriter {
 public:
  virtual ~EventWriter() = default;
  virtual void write(const Event& event) = 0;
  // Completes the file and gives it its final name. Without it the destructor removes what was written.
  virtual void close() = 0;
};

}  // namespace stationhit::core
