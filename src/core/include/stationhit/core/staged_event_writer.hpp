// Writers whose last step, waiting for the disk, may be left to another thread.
#pragma once

#include <stationhit/core/event_stream.hpp>

namespace stationhit::core {

class StagedEventWriter : public EventWriter {
 public:
  // Writes everything to the partial file and gives the memory back; no event follows. close() then
  // has to bring the file to the disk and to give it its name, in any thread. Throws as close().
  virtual void complete() = 0;
};

}  // namespace stationhit::core
