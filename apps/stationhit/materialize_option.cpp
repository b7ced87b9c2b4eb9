#include "materialize_option.hpp"

#include <cinttypes>
#include <cstdio>

#include <stationhit/workflow/materialize_run.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "load_run.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

void print_sources(const workflow::MaterializationSources& sources) {
  for (const auto& [name, split] : sources.splits)
    std::printf("%-6s %8" PRIu64 " events in %zu shards of %s\n", name.c_str(),
                split.counts().events, split.n_shards(), split.folder.c_str());
}

void print_folders(const workflow::MaterializationResult& result) {
  for (const auto& [folder, counts, bytes] : result.folders)
    std::printf("%-6s %8" PRIu64 " events %12" PRIu64 " hits %12" PRIu64 " nodes %10" PRIu64
                " signal nodes %8.1f MB\n",
                folder.filename().c_str(), counts.events, counts.hits, counts.nodes,
                counts.signal_nodes, static_cast<double>(bytes) * 1e-6);
}

void print_use(const workflow::MaterializationResult& result) {
  std::printf("train, test, export and prune with the same run file and these settings:\n");
  for (const auto& made : result.folders)
    std::printf("  %s_path: %s\n", made.folder.filename().c_str(), made.folder.c_str());
  if (!result.normalization.empty())
    std::printf("  normalization_stats: %s\n", result.normalization.c_str());
}

}  // namespace

void materialize_splits(const Program& program, const std::string& run_file, const fs::path& output,
                        const materialized::Jobs& jobs) {
  const auto run = load_run(program, config::RunPurpose::materialization, run_file);
  const auto sources = workflow::open_materialization_sources(run, run_file);
  if (program.options.debug) {
    print_sources(sources);
    return program.log().info("debug run: nothing is written");
  }
  const auto result =
      workflow::materialize_run(run, sources, workflow::open_shard, output, program, jobs);
  print_folders(result);
  if (!result.stopped && jobs.piece)
    return program.log().info(output.string() + ": piece " + data::text_of(*jobs.piece) +
                              " is finished; --merge makes the set when all are");
  if (!result.stopped) return print_use(result);
  program.log().warning("stopped; the same command goes on from here (finished parts stay in " +
                        output.string() + ")");
}

}  // namespace stationhit::app
