#include "materialize_run.hpp"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/splits.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/workflow/root_formats.hpp>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

using Splits =
    std::vector<std::pair<std::string, data::PreparedSplit>>;  // by the name of the folder to write

// All opened before the work begins, so that a wrong path does not end it after hours.
Splits open_splits(const config::RunConfig& run, const std::string& run_file) {
  Splits splits;
  const auto open = [&](data::Split split, const std::string& path) {
    if (!path.empty()) splits.emplace_back(data::folder_name(split), data::open_split(path));
  };
  open(data::Split::train, run.train_path);
  open(data::Split::validation, run.val_path);
  open(data::Split::test, run.test_path);
  if (splits.empty())
    throw core::ConfigError(run_file + ": names no split; set train_path, val_path or test_path");
  return splits;
}

// Empty where the run has none. Checked, because the folder may go to a machine that cannot fit it.
std::string normalization_text(const config::RunConfig& run) {
  if (run.normalization_stats.empty()) return {};
  (void)features::select(config::load_normalization_stats(run.normalization_stats), run.features,
                         run.normalization_stats);
  return core::read_text_file(run.normalization_stats);
}

std::uintmax_t bytes_of(const fs::path& folder, const materialized::Manifest& manifest) {
  std::uintmax_t bytes = 0;
  for (const auto& part : manifest.parts) bytes += fs::file_size(folder / part.file);
  return bytes;
}

void print(const std::string& name, const materialized::Counts& counts, std::uintmax_t bytes) {
  std::printf("%-6s %8" PRIu64 " events %12" PRIu64 " hits %12" PRIu64 " nodes %10" PRIu64
              " signal nodes %8.1f MB\n",
              name.c_str(), counts.events, counts.hits, counts.nodes, counts.signal_nodes,
              static_cast<double>(bytes) * 1e-6);
}

// False if it was stopped.
bool materialize_split(const Program& program, const data::PreparedSplit& source,
                       const config::RunConfig& run, const fs::path& folder) {
  auto progress =
      program.start_progress("materialize " + folder.filename().string(), source.counts().events);
  materialized::Hooks hooks;
  hooks.log = program.log();
  hooks.progress = [&](std::uint64_t done, std::uint64_t) { progress->update(done); };
  hooks.stop_requested = [&] { return program.stop_requested(); };
  const auto manifest =
      materialized::materialize(source, workflow::open_shard, {run.features, run.graph}, folder,
                                core::resolve_threads(run.threads), hooks);
  progress.reset();
  if (manifest) print(folder.filename().string(), manifest->counts, bytes_of(folder, *manifest));
  return manifest.has_value();
}

void print_use(const Splits& splits, const fs::path& output, bool normalized) {
  std::printf("train, test, export and prune with the same run file and these settings:\n");
  for (const auto& [name, split] : splits)
    std::printf("  %s_path: %s\n", name.c_str(), (output / name).c_str());
  if (normalized)
    std::printf("  normalization_stats: %s\n", (output / "normalization.yaml").c_str());
}

}  // namespace

void materialize_run(const Program& program, const std::string& run_file, const fs::path& output) {
  const auto run = config::load<config::RunConfig>(run_file, program.overrides());
  const Splits splits = open_splits(run, run_file);
  const std::string normalization = normalization_text(run);
  if (program.options.debug) {
    for (const auto& [name, split] : splits) {
      std::printf("%-6s %8" PRIu64 " events in %zu shards of %s\n", name.c_str(),
                  split.counts().events, split.n_shards(), split.folder.c_str());
    }
    return program.log().info("debug run: nothing is written");
  }
  for (const auto& [name, split] : splits) {
    if (materialize_split(program, split, run, output / name)) continue;
    return program.log().warning(
        "stopped; the same command goes on from here (finished parts stay in " + output.string() +
        ")");
  }
  if (!normalization.empty()) core::write_text_file(output / "normalization.yaml", normalization);
  print_use(splits, output, !normalization.empty());
}

}  // namespace stationhit::app
