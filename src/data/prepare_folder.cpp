// A manifest of the set means complete, a journal means begun, and anything else in the folders of
// the splits means foreign and is not touched. The manifests of the splits are written before that
// of the set, which is the sign of completeness.
#include "prepare_folder.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> list_split_folders() {
  std::vector<std::string> names;
  for (const Split split : splits) names.emplace_back(folder_name(split));
  for (const Split split : splits) names.push_back(small_folder_name(split));
  return names;
}

// Hidden files belong to the system or to the lock, partial ones to programs that died.
bool may_lie_beside(const fs::path& entry, const std::vector<std::string>& split_folders) {
  const std::string name = entry.filename().string();
  return name.starts_with(".") || entry.extension() == ".partial" ||
         std::ranges::find(split_folders, name) != split_folders.end();
}

void require_no_foreign_entry(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  for (const auto& entry : fs::directory_iterator(folder))
    if (!may_lie_beside(entry.path(), list_split_folders()))
      throw core::DataError(folder.string() + ": is no folder of a prepared set, it holds " +
                            entry.path().filename().string() +
                            "; choose an empty output folder or one that does not exist");
}

void check_unused(const fs::path& folder) {
  if (fs::exists(folder) && !fs::is_directory(folder))
    throw core::DataError(folder.string() + ": is a file; 'output' must be a folder");
  if (fs::exists(PrepareJournal::path_in(folder)) || !PrepareJournal::pieces_in(folder).empty())
    return;
  require_no_foreign_entry(folder);
  for (const std::string& name : list_split_folders()) {
    if (fs::exists(folder / name) && !fs::is_empty(folder / name))
      throw core::DataError((folder / name).string() +
                            ": holds files that no known preparation made; choose another output "
                            "folder or remove them");
  }
}

std::optional<SplitManifest> read_if_possible(const fs::path& folder) {
  try {
    return read_split_manifest(folder);
  } catch (const core::DataError&) {
    return std::nullopt;
  }
}

}  // namespace

void make_split_folders(const fs::path& folder) {
  for (const std::string& name : list_split_folders()) core::make_folder(folder / name);
}

std::optional<Manifest> find_complete_set(const fs::path& folder, const SetIdentity& wanted,
                                          bool skip_bad, const InputPolicy& accepted) {
  if (!fs::exists(folder / manifest_file_name)) return std::nullopt;
  Manifest manifest = read_manifest(folder);
  if (manifest.provenance.fingerprint != wanted.provenance.fingerprint) {
    throw core::DataError(folder.string() +
                          ": holds a set prepared with other settings or other input files (" +
                          describe_differences({manifest.provenance, manifest.inputs, {}}, wanted) +
                          "); choose another output folder or remove this one");
  }
  if (manifest.input_counts.bad_events > 0 && !skip_bad) {
    throw core::DataError(folder.string() + ": holds this set with " +
                          std::to_string(manifest.input_counts.bad_events) +
                          " events left out for NaN or Inf; accept that with --skip-bad (skip_bad: "
                          "true) or make the input files again");
  }
  if (manifest.input_counts.repeated_events > 0 && accepted.duplicates == DuplicateInputs::refuse) {
    throw core::DataError(folder.string() + ": holds this set with " +
                          std::to_string(manifest.input_counts.repeated_events) +
                          " events left out because the input has them twice; accept that with "
                          "--allow-duplicates or give every event once");
  }
  return manifest;
}

std::vector<std::string> find_lost_manifests(const fs::path& folder, const Manifest& manifest) {
  std::vector<std::string> lost;
  for (const auto& [name, counts] : manifest.splits) {
    const auto split = read_if_possible(folder / name);
    if (!split) lost.push_back(name);
    // The splits are written before the set, but a user may have replaced or edited one since.
    if (split && (split->counts != counts || split->shards != manifest.shards.at(name)))
      throw core::DataError((folder / name).string() +
                            ": its manifest differs from the one of the set; remove " +
                            folder.string() + " and run again");
  }
  return lost;
}

void open_output_folder(const fs::path& folder) {
  check_unused(folder);
  make_split_folders(folder);
}

void remove_unfinished_shards(const fs::path& folder, const PrepareJournal& journal) {
  std::set<fs::path> finished;
  for (const auto& [chunk, result] : journal.finished()) {
    for (const Split split : splits) {
      const auto& shard = result.shards[static_cast<std::size_t>(split)];
      if (shard) finished.insert(folder / folder_name(split) / shard->file);
    }
  }
  for (const std::string& name : list_split_folders()) {
    for (const auto& entry : fs::directory_iterator(folder / name)) {
      if (!finished.contains(entry.path())) fs::remove(entry.path());
    }
  }
}

void write_split_manifest(const fs::path& folder, const Manifest& manifest,
                          const std::string& name) {
  write_manifest(folder / name, SplitManifest{manifest.provenance, name, manifest.splits.at(name),
                                              manifest.shards.at(name), manifest.inputs});
}

void write_manifests(const fs::path& folder, const Manifest& manifest) {
  for (const auto& [name, counts] : manifest.splits) write_split_manifest(folder, manifest, name);
  write_manifest(folder, manifest);
}

}  // namespace stationhit::data
