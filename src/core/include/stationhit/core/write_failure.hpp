// What is said where something cannot be written.
#pragma once

#include <filesystem>

namespace stationhit::core {

// Throws DataError "PATH: cannot write here: REASON; NEXT STEP". error: errno of the failure.
[[noreturn]] void throw_write_failure(const std::filesystem::path& path, int error);

}  // namespace stationhit::core
