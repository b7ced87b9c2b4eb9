// Events of "a ROOT ntuple or the folder of a prepared split". Only in builds with ROOT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::workflow {

// How an ntuple is read.
struct NtupleAccess {
  std::string tree = root_io::default_tree;
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;
};

// Warns of an ntuple that was not closed.
void warn_of_unfinished(const std::filesystem::path& input, const NtupleAccess& access,
                        const core::Logger& log);

// Calls visit(event) for every event until it gives false. Throws DataError naming the input where
// it cannot be read.
void for_each_event(const std::filesystem::path& input,
                    const std::function<bool(const core::Event&)>& visit,
                    const NtupleAccess& access = {});

// The first max_events events. Throws DataError naming the input: unreadable, or without events.
[[nodiscard]] std::vector<core::Event> read_events(const std::filesystem::path& input,
                                                   std::uint64_t max_events,
                                                   const NtupleAccess& access = {});

// Throws DataError naming the input if it has no events.
void require_events(std::size_t n_events, const std::filesystem::path& input);

struct FoundEvent {
  core::Event event;
  std::uint64_t entry = 0;  // its place in the input, counted from 0
};

// The event with this number; without a number the first one with a muon, else the first. Throws
// DataError naming the input: unreadable, no such event.
[[nodiscard]] FoundEvent find_event(const std::filesystem::path& input,
                                    std::optional<std::uint64_t> event_number,
                                    const NtupleAccess& access = {});

// What the input says about its sample.
[[nodiscard]] core::SampleInfo read_sample_info(const std::filesystem::path& input,
                                                const NtupleAccess& access = {});

// With "Unlabeled input" as its origin where the input does not say it.
[[nodiscard]] core::SampleInfo label_for_figures(core::SampleInfo sample);

// The optional branches that the ntuple, or an ntuple from which the split was made, does not have.
// Their columns are 0.
[[nodiscard]] std::vector<data::MissingBranches> read_missing_branches(
    const std::filesystem::path& input, const NtupleAccess& access = {});

}  // namespace stationhit::workflow
