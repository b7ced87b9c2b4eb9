// Input files whose writer died before it closed them, or that were cut off later. What they show
// can be read, the events behind that are lost.
#pragma once

#include <cstdint>
#include <string>

namespace stationhit::core {

// What to do with such a file.
enum class UnfinishedFiles { refuse, read };

// What such a file shows.
struct UnfinishedFile {
  std::string file;                // name without folders
  std::uint64_t events = 0;        // that its tree shows
  std::uint64_t bytes_behind = 0;  // behind what the tree knows of: events that are lost
  bool operator==(const UnfinishedFile&) const = default;
};

// "was not closed by its writer: the 30 events that it shows are read, what is in the 1234 bytes
// behind them is lost", to be written behind the name of the file.
[[nodiscard]] std::string describe_loss(const UnfinishedFile& file);

}  // namespace stationhit::core
