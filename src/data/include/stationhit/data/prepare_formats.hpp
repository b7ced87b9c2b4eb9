// How prepare reads input files and writes shards: the file formats are passed in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/staged_event_writer.hpp>
#include <stationhit/core/unfinished_file.hpp>
#include <stationhit/data/input_policy.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {

// The result of examining an input file.
struct InputSummary {
  std::uint64_t entries = 0;       // events
  std::uint64_t reader_bytes = 0;  // memory of a reader of this file
  core::SampleInfo sample;         // what the file says about its events; empty: nothing is known
  std::vector<std::string> missing_branches = {};  // optional branches that it does not have
  std::optional<core::UnfinishedFile> loss = {};   // of a file that was not closed
};

// Reads and writes input files and shards. Called from several threads, each with readers
// and writers of its own.
struct PrepareFormats {
  // Throws DataError for files that cannot be used.
  std::function<InputSummary(const std::filesystem::path&)> examine;
  // What the manifest says of a file. Throws DataError.
  std::function<InputFile(const std::filesystem::path&)> identify =
      [](const std::filesystem::path& path) { return examine_input(path); };
  // Run and event numbers of all entries; needed to split by event.
  std::function<std::vector<EventKey>(const std::filesystem::path&)> read_keys;
  // Entries [first, first + count) of a file, complete and in order, NaN and Inf included.
  std::function<std::unique_ptr<core::EventReader>(const std::filesystem::path&,
                                                   std::uint64_t first, std::uint64_t count)>
      open_input;
  // A shard: written aside, gets its name with close().
  std::function<std::unique_ptr<core::StagedEventWriter>(const std::filesystem::path&)>
      create_shard;
  std::function<std::unique_ptr<core::EventReader>(const std::filesystem::path&)> open_shard;
  std::uint64_t writer_bytes = 0;  // memory of an open shard
  std::string shard_extension = ".root";
  InputPolicy policy = {};
};

}  // namespace stationhit::data
