#include <stationhit/core/errors.hpp>
#include <stationhit/data/prepared_split.hpp>

#include "root_files.hpp"

namespace stationhit::workflow {

std::unique_ptr<LabeledSplit> open_shards(const std::filesystem::path& folder,
                                          const materialized::Settings&) {
  const data::PreparedSplit split =
      data::open_split(folder);  // a folder that is none has its own message
  throw core::DataError(
      split.folder.string() + ": its " + std::to_string(split.n_shards()) +
      " shards are ROOT files, which this build without ROOT cannot read; make network inputs of "
      "them in a build with ROOT "
      "(stationhit prepare --materialize RUN.yaml -o FOLDER) and give that folder");
}

std::unique_ptr<core::EventList> list_shard_events(const std::filesystem::path&) { return nullptr; }

void write_score_file(const std::filesystem::path& path, const metrics::ScoredSample&,
                      const core::Logger& log) {
  log.info(path.string() +
           ": left out, this build has no ROOT (-DSTATIONHIT_WITH_ROOT=ON writes it)");
}

core::RootFileDescription describe_root_file(const std::filesystem::path& path,
                                             core::UnfinishedFiles) {
  throw core::UsageError(
      path.string() +
      ": a ROOT file, but this program was built without ROOT (-DSTATIONHIT_WITH_ROOT=ON)");
}

}  // namespace stationhit::workflow
