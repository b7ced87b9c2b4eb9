// What the processor of this machine can do.
#pragma once

#include <istream>
#include <string>
#include <vector>

namespace stationhit::inference {

// The extensions of its instruction set that matter for networks, by the names of Linux: "avx2",
// "avx512_vnni", "amx_int8", "bf16", ... From the text of /proc/cpuinfo, where the lines "flags"
// (x86) and "Features" (ARM) list them; empty elsewhere.
[[nodiscard]] std::vector<std::string> instruction_sets(std::istream& cpuinfo);
// Of this machine.
[[nodiscard]] std::vector<std::string> instruction_sets();

enum class Vnni { present, missing, not_x86 };

// From the text of /proc/cpuinfo.
[[nodiscard]] Vnni find_vnni(std::istream& cpuinfo);

}  // namespace stationhit::inference
