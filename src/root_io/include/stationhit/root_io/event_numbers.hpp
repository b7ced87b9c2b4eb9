// Run and event numbers of an ntuple without its hits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/data/splits.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {

// runNumber and eventNumber of all entries in order, 0 where the tree does not have the branch. Throws as MuonHitDumpReader does.
[[nodiscard]] std::vector<data::EventKey> read_event_numbers(const std::filesystem::path& file, const std::string& tree = default_tree);

}  // namespace stationhit::root_io
