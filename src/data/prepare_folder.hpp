// The output folder of prepare: what it may hold before, and what becomes of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/data/input_policy.hpp>
#include <stationhit/data/manifest.hpp>

#include "prepare_difference.hpp"
#include "prepare_journal.hpp"

namespace stationhit::data {

// The set that the folder already holds, if it is complete. Throws DataError where it is another
// one, cannot be read, or has left out events that skip_bad or the policy does not allow.
[[nodiscard]] std::optional<Manifest> find_complete_set(const std::filesystem::path& folder,
                                                        const SetIdentity& wanted, bool skip_bad,
                                                        const InputPolicy& accepted);

// Names of the split folders whose manifest is missing or cannot be read. Throws DataError for one
// that differs from the manifest of the set.
[[nodiscard]] std::vector<std::string> find_lost_manifests(const std::filesystem::path& folder,
                                                           const Manifest& manifest);

void make_split_folders(const std::filesystem::path& folder);

// Makes the folders of the splits. Throws DataError for folders that hold files but neither journal
// nor manifest: no interrupted preparation left them, and they are never mixed with.
void open_output_folder(const std::filesystem::path& folder);

// Removes what an interrupted preparation left besides its finished chunks.
void remove_unfinished_shards(const std::filesystem::path& folder, const PrepareJournal& journal);

// Writes the manifest of the split `name`, which follows from that of the set.
void write_split_manifest(const std::filesystem::path& folder, const Manifest& manifest,
                          const std::string& name);

// Writes the manifests. That of the set comes last: where it is, everything is complete.
void write_manifests(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace stationhit::data
