// Memory of this process.
#pragma once

#include <cstdint>

namespace stationhit::workflow {

// Bytes; 0 where the system does not tell.
struct ProcessMemory {
  std::uint64_t resident = 0;  // now
  std::uint64_t peak = 0;      // the most since the start of the program or reset_peak_memory()
};

[[nodiscard]] ProcessMemory read_process_memory();

// Lets the peak begin anew with what is resident now. Does nothing where the system has no such
// thing (Linux has).
void reset_peak_memory();

}  // namespace stationhit::workflow
