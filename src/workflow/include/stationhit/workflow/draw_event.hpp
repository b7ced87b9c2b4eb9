// Displays of single events.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::workflow {

// Draws the event with this number, else the first one with a muon (else the first), of a ROOT
// ntuple or a prepared split into `folder`. Returns the paths of the figures without extension;
// each is a .png, a .pdf and a .csv. Throws DataError naming the input: unreadable, no such event;
// UsageError in a build without ROOT. `unfinished`: of an ntuple; the log warns of it.
[[nodiscard]] std::vector<std::filesystem::path> draw_event(
    const std::filesystem::path& input, std::optional<std::uint64_t> event_number,
    const std::filesystem::path& folder,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse, const core::Logger& log = {});

}  // namespace stationhit::workflow
