// What the processor of this machine can do.
#pragma once

#include <istream>

namespace stationhit::inference {

enum class Vnni { present, missing, not_x86 };

// From the text of /proc/cpuinfo: x86 processors list their instructions in lines "flags".
[[nodiscard]] Vnni find_vnni(std::istream& cpuinfo);

}  // namespace stationhit::inference
