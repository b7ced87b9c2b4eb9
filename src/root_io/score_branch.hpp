// The branch that scored ntuples have in addition.
#pragma once

namespace stationhit::root_io {

inline constexpr const char* score_branch = "spacePoint_score";

}  // namespace stationhit::root_io
