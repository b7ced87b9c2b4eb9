// Refuses inputs that lack what the features or the graph of a network are computed from. Readers
// give 0 for a missing branch, which would change scores silently.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <stationhit/data/manifest.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::workflow {

// "branch spacePoint_covYY", "whole events".
[[nodiscard]] std::string name_missing(const std::string& name);

// `input` is an ntuple or a prepared split, `missing` what its files lack: a split says it in its
// manifest. Throws DataError naming the input, the file, its first missing branch, what needs it
// and the next step.
void require_branches(const std::filesystem::path& input,
                      const std::vector<data::MissingBranches>& missing,
                      std::span<const std::string> features, const graph::GraphConfig& graph);

}  // namespace stationhit::workflow
