#include "process_memory.hpp"

#include <fstream>
#include <string>

namespace stationhit::workflow {

ProcessMemory read_process_memory() {
  constexpr std::uint64_t kibibyte = 1024;
  ProcessMemory memory;
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key; status.ignore(1024, '\n')) {
    std::uint64_t* const value = key == "VmRSS:"   ? &memory.resident
                                 : key == "VmHWM:" ? &memory.peak
                                                   : nullptr;
    if (value != nullptr && status >> *value) *value *= kibibyte;
  }
  return memory;
}

void reset_peak_memory() {
  // 5 resets the peak of the resident set (man 5 proc).
  std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace stationhit::workflow
