// Zip archives in memory.
#pragma once

#include <span>
#include <string>
#include <utility>

namespace stationhit::tracking {

using ZipEntry = std::pair<std::string, std::string>;  // name and content

// The bytes of an archive that holds the entries as they are (stored, not compressed). At most
// 65,535 entries and 4 GiB together; throws DataError beyond.
[[nodiscard]] std::string zip_archive(std::span<const ZipEntry> entries);

}  // namespace stationhit::tracking
