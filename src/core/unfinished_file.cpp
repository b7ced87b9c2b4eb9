#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::core {

std::string describe_loss(const UnfinishedFile& file) {
  return "was not closed by its writer: the " + std::to_string(file.events) +
         " events that it shows are read, what is in the " + std::to_string(file.bytes_behind) +
         " bytes behind them is lost";
}

}  // namespace stationhit::core
