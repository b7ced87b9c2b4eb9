#include "disjoint_splits.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/common_events.hpp>
#include <stationhit/materialized/manifest.hpp>

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

}  // namespace

void require_disjoint_splits(const config::RunConfig& run) {
  const auto training = read_origin(run.train_path);
  if (!training) return;
  for (const std::string& path : {run.val_path, run.test_path}) {
    const auto other = read_origin(path);
    const auto reason = other ? data::find_common_events(*training, *other) : std::nullopt;
    if (reason)
      throw core::DataError(run.train_path + " and " + path + " have events in common: " + *reason +
                            "; give different splits of one set, or sets of different files");
  }
}

}  // namespace stationhit::workflow
