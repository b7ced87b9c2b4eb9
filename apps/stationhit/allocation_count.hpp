// Counts what the program allocates.
#pragma once

#include <cstdint>
#include <functional>

namespace stationhit::app {

// Gives the calls of operator new that its thread has made so far, those of libraries included;
// empty in builds with sanitizers, which bring an operator new of their own. Memory that is taken
// in another way (std::malloc, arenas) is not counted.
[[nodiscard]] std::function<std::uint64_t()> allocation_count();

}  // namespace stationhit::app
