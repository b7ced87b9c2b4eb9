// Registers collections for which ROOT itself has no dictionary.
#pragma once

namespace stationhit::root_io {

// Makes vector<signed char> and vector<vector<T>> of the integer types known to ROOT. Done by hand
// instead of by rootcling, because its output needs a .pcm file next to the program at run time.
// Call it before the first file is opened; repeated calls are cheap.
void register_dictionaries();

}  // namespace stationhit::root_io
