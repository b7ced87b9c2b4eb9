// scores.root: the scores of all hits of a sample with their truth, for later studies (readable
// with uproot). TTree "scores", one entry per event: event_number; per hit score, truth_link,
// technology; per muon muon_pt, muon_eta, muon_phi.
#pragma once

#include <filesystem>

#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::root_io {

inline constexpr const char* scores_tree = "scores";

// Writes aside and renames. Throws DataError naming the path.
void write_scores(const std::filesystem::path& path, const metrics::ScoredSample& sample);

// Throws DataError naming the path if it is no such file.
[[nodiscard]] metrics::ScoredSample read_scores(const std::filesystem::path& path);

}  // namespace stationhit::root_io
