// Reads the run and event numbers of an ntuple without its hits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {

struct EventNumbers {
  std::uint32_t run_number = 0;
  std::uint64_t event_number = 0;

  bool operator==(const EventNumbers&) const = default;
};

// runNumber and eventNumber of all entries in order, 0 if the tree does not have the branch.
// Throws as MuonHitDumpReader does.
[[nodiscard]] std::vector<EventNumbers> read_event_numbers(
    const std::filesystem::path& file, const std::string& tree = default_tree,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::root_io
