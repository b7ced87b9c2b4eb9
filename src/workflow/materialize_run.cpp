#include <algorithm>
#include <optional>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/splits.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/materialized/piece_records.hpp>
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

// A set that is complete has no pieces any more.
bool is_complete(const MaterializationSources& sources, const fs::path& output) {
  return std::ranges::all_of(sources.splits, [&](const SourceSplit& source) {
    return materialized::is_materialized_split(output / source.folder_name);
  });
}

// Before anything is made. Gives the jobs with the number of pieces that are merged.
materialized::Jobs begin_pieces(const materialized::PieceRecords& records,
                                materialized::Jobs jobs) {
  if (jobs.piece)
    records.begin(*jobs.piece);
  else if (jobs.missing == data::MissingWork::refuse)
    jobs.pieces = records.require_all();
  return jobs;
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
                                      const materialized::Jobs& wanted) {
  MaterializationResult result;
  const materialized::PieceRecords records(output, run.normalization_stats, sources.normalization);
  const bool was_complete = is_complete(sources, output);
  const materialized::Jobs jobs = was_complete ? wanted : begin_pieces(records, wanted);
  for (const SourceSplit& source : sources.splits) {
    auto folder =
        materialize_split(run, source.split, open, output / source.folder_name, observer, jobs);
    if (!folder) {
      result.stopped = true;
      return result;
    }
    result.folders.push_back(std::move(*folder));
  }
  if (jobs.piece) {
    if (!was_complete) records.finish(*jobs.piece);
    return result;
  }
  if (!sources.normalization.empty()) {
    result.normalization = output / "normalization.yaml";
    core::write_text_file(result.normalization, sources.normalization);
  }
  records.remove();
  return result;
}

}  // namespace stationhit::workflow
