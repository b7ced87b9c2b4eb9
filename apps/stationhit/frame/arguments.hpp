// The command line before CLI11 sees it.
#pragma once

#include <string>
#include <vector>

namespace stationhit::app {

// Arguments without the program's name. "-ct" becomes "-c": users of the Python project type it,
// and CLI11 would read it as -c t.
[[nodiscard]] std::vector<std::string> normalized_arguments(int argc, const char* const* argv);

}  // namespace stationhit::app
