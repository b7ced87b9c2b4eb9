#include "open_shard.hpp"

#include <stationhit/core/errors.hpp>

#include "open_ntuple.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {

void refuse_shard(const std::filesystem::path& path, const std::string& failure) {
  throw core::DataError(path.string() + ": not a readable shard (ROOT: " + failure + ")");
}

std::unique_ptr<ROOT::RNTupleReader> open_shard(const std::filesystem::path& path) {
  // Its messages tell missing, foreign and truncated files apart.
  const std::unique_ptr<TFile> file = open_file(path);
  std::unique_ptr<ROOT::RNTupleReader> reader;
  guarded(path, [&] { reader = open_ntuple(*file, shard_ntuple); });
  return reader;
}

}  // namespace stationhit::root_io
