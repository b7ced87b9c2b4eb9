#include <vector>

#include <stationhit/core/input_files.hpp>
#include <stationhit/root_io/event_numbers.hpp>
#include <stationhit/root_io/remote_bytes.hpp>
#include <stationhit/root_io/shards.hpp>
#include <stationhit/workflow/root_formats.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// Opening checks the branches, so that a file that cannot be used stops the run before hours of
// work.
data::InputSummary summarize_ntuple(const fs::path& file, const std::string& tree,
                                    core::UnfinishedFiles unfinished) {
  const auto reader = open_ntuple(file, tree, {}, unfinished);
  data::InputSummary summary{reader->size().value(), reader->buffer_bytes(),
                             root_io::read_sample_info(file, tree, unfinished),
                             reader->missing_branches()};
  if (!reader->unfinished_files().empty()) summary.loss = reader->unfinished_files().front();
  return summary;
}

data::InputFile identify(const fs::path& file) {
  if (!core::is_remote(file)) return data::examine_input(file);
  const root_io::RemoteBytes bytes(file);
  return data::examine_input(file, {bytes.size(), [&](std::uint64_t offset, std::span<char> part) {
                                      bytes.read(offset, part);
                                    }});
}

std::vector<data::EventKey> read_keys(const fs::path& file, const std::string& tree,
                                      core::UnfinishedFiles unfinished) {
  std::vector<data::EventKey> keys;
  for (const auto& [run, event] : root_io::read_event_numbers(file, tree, unfinished))
    keys.push_back({run, event});
  return keys;
}

}  // namespace

std::unique_ptr<root_io::MuonHitDumpReader> open_ntuple(const fs::path& file,
                                                        const std::string& tree,
                                                        root_io::EventRange range,
                                                        core::UnfinishedFiles unfinished) {
  root_io::DumpReaderOptions options;
  options.tree = tree;
  options.non_finite = root_io::NonFinite::keep;
  options.range = range;
  options.unfinished = unfinished;
  return std::make_unique<root_io::MuonHitDumpReader>(std::vector{file}, options);
}

std::unique_ptr<root_io::MuonHitDumpReader> open_ntuple_to_score(const fs::path& file,
                                                                 const std::string& tree,
                                                                 TruthReading truth,
                                                                 core::UnfinishedFiles unfinished) {
  root_io::DumpReaderOptions options;
  options.tree = tree;
  options.non_finite = root_io::NonFinite::keep;
  options.need_truth = false;
  options.leave_out_truth = truth == TruthReading::leave_out;
  options.unfinished = unfinished;
  return std::make_unique<root_io::MuonHitDumpReader>(std::vector{file}, options);
}

void warn_of_unfinished(const root_io::MuonHitDumpReader& reader, const core::Logger& log) {
  for (const core::UnfinishedFile& file : reader.unfinished_files())
    log.warning(file.file + ": " + core::describe_loss(file));
}

std::unique_ptr<core::EventReader> open_shard(const fs::path& shard) {
  return std::make_unique<root_io::ShardReader>(std::vector{shard});
}

data::PrepareFormats root_formats(const std::string& tree, core::UnfinishedFiles unfinished) {
  data::PrepareFormats formats;
  formats.examine = [=](const auto& file) { return summarize_ntuple(file, tree, unfinished); };
  formats.identify = identify;
  formats.read_keys = [=](const auto& file) { return read_keys(file, tree, unfinished); };
  formats.open_input = [=](const auto& file, std::uint64_t first, std::uint64_t count) {
    return open_ntuple(file, tree, {first, count}, unfinished);
  };
  formats.create_shard = [](const auto& file) {
    return std::make_unique<root_io::ShardWriter>(file);
  };
  formats.open_shard = open_shard;
  formats.writer_bytes = root_io::ShardWriter::buffer_bytes;
  return formats;
}

}  // namespace stationhit::workflow
