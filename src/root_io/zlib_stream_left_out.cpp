#include "zlib_stream.hpp"

namespace stationhit::root_io {

bool inflate_fast(std::string_view, std::span<char>) { return false; }

}  // namespace stationhit::root_io
