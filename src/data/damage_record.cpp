// A list in JSON, replaced as a whole. Whoever finds damage looks at all of the input before it is
// entered, so that the record is complete from the start, and two programs write the same one.
#include "damage_record.hpp"

#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/data/manifest.hpp>

#include "manifest_json.hpp"
#include "prepare_plan.hpp"

namespace stationhit::data {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(DamagedFile, name, checksum, reason)

namespace {

using nlohmann::json;

std::vector<DamagedFile> read_record(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  const json document =
      core::parse_json_or_discard<json>(core::read_text_file(path), path.string());
  return core::read_json<json>(path.string() + ": damaged record",
                               "remove this folder and prepare again",
                               [&] { return document.get<std::vector<DamagedFile>>(); });
}

// Files that could not be opened have no checksum; they are found again.
std::vector<DamagedFile> read_finished_set(const std::filesystem::path& folder) try {
  std::vector<DamagedFile> damaged;
  if (!std::filesystem::exists(folder / manifest_file_name)) return damaged;
  for (const InputRecord& input : read_manifest(folder).inputs)
    if (input.split == damaged_split && !input.checksum.empty())
      damaged.push_back({input.file, input.checksum,
                         input.file + ": was found to be damaged when " + folder.string() +
                             " was made; where it was mended since, prepare into another folder"});
  return damaged;
} catch (const core::DataError&) {  // told where the set is opened
  return {};
}

}  // namespace

const DamagedFile* find_damaged(const std::vector<DamagedFile>& damaged, const std::string& name,
                                const std::string& checksum) {
  const auto found = std::ranges::find_if(damaged, [&](const DamagedFile& file) {
    return file.name == name && file.checksum == checksum;
  });
  return found == damaged.end() ? nullptr : &*found;
}

DamageRecord::DamageRecord(const std::filesystem::path& folder)
    : path_(folder / "prepare.damaged"), known_(read_record(path_)) {
  merge(read_finished_set(folder));
}

std::vector<DamagedFile> DamageRecord::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

void DamageRecord::merge(const std::vector<DamagedFile>& found) {
  for (const DamagedFile& file : found)
    if (find_damaged(known_, file.name, file.checksum) == nullptr) known_.push_back(file);
}

void DamageRecord::add(const std::vector<DamagedFile>& found) {
  const std::scoped_lock lock(mutex_);
  merge(read_record(path_));
  merge(found);
  core::write_text_file(path_,
                        json(known_).dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

bool DamageRecord::read_again() {
  const std::scoped_lock lock(mutex_);
  const std::size_t before = known_.size();
  merge(read_record(path_));
  return known_.size() > before;
}

void DamageRecord::remove() {
  const std::scoped_lock lock(mutex_);
  std::filesystem::remove(path_);
  known_.clear();
}

}  // namespace stationhit::data
