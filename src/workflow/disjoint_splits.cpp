#include "disjoint_splits.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/common_events.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/materialized/part_events.hpp>

#include "root_files.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// Materialized splits know the set from which they were made, but not its files.
std::optional<data::SplitOrigin> read_origin(const fs::path& folder) {
  if (folder.empty() || !fs::exists(folder / data::manifest_file_name)) return std::nullopt;
  if (!materialized::is_materialized_split(folder))
    return data::origin_of(data::read_split_manifest(folder));
  const materialized::Manifest manifest = materialized::read_manifest(folder);
  return data::SplitOrigin{manifest.source_fingerprint, manifest.source_split, {}, {}, {}};
}

// nullptr where the events cannot be told apart: parts of the first version do not say where the
// hits are.
std::unique_ptr<core::EventList> list_events(const fs::path& folder) {
  if (!materialized::is_materialized_split(folder)) return list_shard_events(folder);
  materialized::Manifest manifest = materialized::read_manifest(folder);
  if (manifest.format < materialized::format_with_places) return nullptr;
  return std::make_unique<materialized::PartEvents>(folder, std::move(manifest));
}

std::string describe(const data::CommonEvents& common) {
  return std::to_string(common.count) + (common.count == 1 ? " event" : " events") +
         " with the same run and event number and the same hits, such as run " +
         std::to_string(common.first.run_number) + " event " +
         std::to_string(common.first.event_number);
}

// Why the two have events in common, from the manifests or else from the events.
std::optional<std::string> find_reason(const fs::path& training_path,
                                       const data::SplitOrigin& training, const fs::path& path) {
  const auto other = read_origin(path);
  if (!other) return std::nullopt;
  auto reason = data::find_common_events(training, *other);
  if (reason || data::have_one_division(training, *other)) return reason;
  const auto events = list_events(training_path), other_events = list_events(path);
  if (!events || !other_events) return std::nullopt;
  const data::CommonEvents common = data::count_common_events(*events, *other_events);
  return common.count == 0 ? std::nullopt : std::optional(describe(common));
}

}  // namespace

void require_disjoint_splits(const config::RunConfig& run) {
  const auto training = read_origin(run.train_path);
  if (!training) return;
  for (const std::string& path : {run.val_path, run.test_path}) {
    const auto reason = find_reason(run.train_path, *training, path);
    if (reason)
      throw core::DataError(run.train_path + " and " + path + " have events in common: " + *reason +
                            "; give different splits of one set, or sets of different events");
  }
}

}  // namespace stationhit::workflow
