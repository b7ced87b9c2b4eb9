// Collections that ROOT itself has no dictionary for.
#pragma once

namespace stationhit::root_io {

// Makes vector<signed char> and vector<vector<T>> of the integer types known to ROOT. Done by hand
// instead of rootcling, because its output needs a .pcm file beside the program at run time. Call
// before the first file is opened; cheap when repeated.
void register_dictionaries();

}  // namespace stationhit::root_io
