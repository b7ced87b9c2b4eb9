// The cut on the scores of a file that infer wrote. It stands in the user information of the tree,
// so that copies of the tree keep it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::root_io {

// The cut of the file; none in files that are no result of infer, of older versions, or scored with
// a model without thresholds. Throws DataError naming the file.
[[nodiscard]] std::optional<ScoreCut> read_score_cut(
    const std::filesystem::path& file, const std::string& tree = default_tree,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

// The scores of one entry, in the order of its hits. Throws DataError naming the file: no scores,
// no such entry, damaged.
[[nodiscard]] std::vector<float> read_scores(
    const std::filesystem::path& file, std::uint64_t entry, const std::string& tree = default_tree,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::root_io
