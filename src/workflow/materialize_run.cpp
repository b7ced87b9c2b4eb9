#include <optional>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/splits.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/workflow/materialize_run.hpp>

#include "disjoint_splits.hpp"
#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

std::string read_normalization(const config::RunConfig& run) {
  if (run.normalization_stats.empty()) return {};
  (void)features::select(config::load_normalization_stats(run.normalization_stats), run.features,
                         run.normalization_stats);
  return core::read_text_file(run.normalization_stats);
}

std::uintmax_t count_bytes(const fs::path& folder, const materialized::Manifest& manifest) {
  std::uintmax_t bytes = 0;
  for (const auto& part : manifest.parts) bytes += fs::file_size(folder / part.file);
  return bytes;
}

// Nothing if it was stopped.
std::optional<MaterializedFolder> materialize_split(
    const config::RunConfig& run, const data::PreparedSplit& source, const data::ShardOpener& open,
    const fs::path& folder, const core::Observer& observer, const materialized::Jobs& jobs) {
  const auto progress =
      observer.start_progress("materialize " + folder.filename().string(), source.counts().events);
  materialized::Hooks hooks;
  hooks.log = observer.log();
  hooks.progress = [&](std::uint64_t done, std::uint64_t) { progress->update(done); };
  hooks.stop_requested = [&] { return observer.stop_requested(); };
  const auto manifest = materialized::materialize(source, open, {run.features, run.graph}, folder,
                                                  core::resolve_threads(run.threads), hooks, jobs);
  if (!manifest) return std::nullopt;
  return MaterializedFolder{folder, manifest->counts, count_bytes(folder, *manifest)};
}

}  // namespace

MaterializationSources open_materialization_sources(const config::RunConfig& run,
                                                    const fs::path& config_file) {
  require_disjoint_splits(run);
  MaterializationSources sources;
  const auto open = [&](data::Split split, const std::string& path) {
    if (path.empty()) return;
    data::PreparedSplit source = data::open_split(path);
    require_branches(path, source.manifest.provenance.missing_branches, run.features, run.graph);
    sources.splits.push_back({std::string(data::folder_name(split)), std::move(source)});
  };
  open(data::Split::train, run.train_path);
  open(data::Split::validation, run.val_path);
  open(data::Split::test, run.test_path);
  if (sources.splits.empty())
    throw core::ConfigError(config_file.string() +
                            ": names no split; set train_path, val_path or test_path");
  sources.normalization = read_normalization(run);
  return sources;
}

MaterializationResult materialize_run(const config::RunConfig& run,
                                      const MaterializationSources& sources,
                                      const data::ShardOpener& open, const fs::path& output,
                                      const core::Observer& observer,
                                      const materialized::Jobs& jobs) {
  MaterializationResult result;
  for (const SourceSplit& source : sources.splits) {
    auto folder =
        materialize_split(run, source.split, open, output / source.folder_name, observer, jobs);
    if (!folder) {
      result.stopped = true;
      return result;
    }
    result.folders.push_back(std::move(*folder));
  }
  if (sources.normalization.empty() || jobs.piece) return result;
  result.normalization = output / "normalization.yaml";
  core::write_text_file(result.normalization, sources.normalization);
  return result;
}

}  // namespace stationhit::workflow
