#include "allocation_count.hpp"

namespace stationhit::app {

std::function<std::uint64_t()> allocation_count() { return {}; }

}  // namespace stationhit::app
