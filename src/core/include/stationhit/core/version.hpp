// Which program wrote a file: stored in checkpoints, models and manifests.
#pragma once

#include <string_view>

namespace stationhit::core {

// The version of the program, for example "0.1.0".
[[nodiscard]] std::string_view version();

// Short git commit of the sources at build time, "unknown" outside a checkout.
[[nodiscard]] std::string_view git_commit();

}  // namespace stationhit::core
