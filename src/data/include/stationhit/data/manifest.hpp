// manifest.json: what a prepared set or one of its splits holds. The output folder of prepare has
// one for everything, each split folder one for itself, so that a split folder can be used and
// copied alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/unfinished_file.hpp>
#include <stationhit/data/checksums.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/selection.hpp>

namespace stationhit::data {

inline constexpr int manifest_format = 1;
inline constexpr const char* manifest_file_name = "manifest.json";
inline constexpr const char* materialized_kind =
    "materialised split";  // what the manifest.json of module materialized calls itself

struct HitCounts {
  std::uint64_t hits = 0;
  std::uint64_t true_hits = 0;  // truth link >= 0 after the cuts
  bool operator==(const HitCounts&) const = default;
};

// The content of a shard or a split after the cuts. Background hits = hits - true_hits.
struct Counts {
  std::uint64_t events = 0;
  std::uint64_t hits = 0;
  std::uint64_t true_hits = 0;
  std::uint64_t muons = 0;
  std::map<std::string, HitCounts>
      technologies;  // by core::name(Technology), only those that occur

  void add(const core::Event& event);
  Counts& operator+=(const Counts& other);
  bool operator==(const Counts&) const = default;
};

struct ShardInfo {
  std::string file;  // relative to the folder of the split
  Counts counts;
  Checksums columns;
  bool operator==(const ShardInfo&) const = default;
};

// Counts of the events that were read, by what happened to them.
struct InputCounts {
  std::uint64_t events = 0;           // read
  std::uint64_t hits = 0;             // of these
  std::uint64_t muons = 0;            // before the cuts
  std::uint64_t bad_events = 0;       // skipped for NaN or Inf (skip_bad)
  std::uint64_t repeated_events = 0;  // left out because the input has them twice
  std::uint64_t kept_events = 0;
  std::uint64_t events_without_muon = 0;            // dropped: no truth muon at all
  std::map<std::string, std::uint64_t> dropped_by;  // dropped: no muon left; by the cut ("pt",
                                                    // "eta", "hits") at which the last one failed
  std::map<std::string, std::uint64_t>
      muons_failing;  // muons by the first cut that they fail, in events kept or not

  void add(const SelectionResult& result);
  [[nodiscard]] std::uint64_t dropped_events() const {
    return events - bad_events - repeated_events - kept_events;
  }
  InputCounts& operator+=(const InputCounts& other);
  bool operator==(const InputCounts&) const = default;
};

struct InputRecord {
  std::string file;  // name without folders
  std::string process;
  std::uint64_t size = 0;  // bytes
  std::uint64_t entries = 0;
  std::string checksum;  // InputFile::checksum
  std::string split;     // by file: "train", "val", "test" or "unused"; by event: "by event"
  bool operator==(const InputRecord&) const = default;
};

// Consecutive events of an input file that are left out because the input has them twice.
struct RepeatedEntries {
  std::size_t input = 0;  // in Manifest::inputs
  std::uint64_t first = 0, count = 0;
  bool operator==(const RepeatedEntries&) const = default;
};

// The optional branches that an input file does not have. The shards hold 0 in their columns (1 in
// mcEventWeight), so what is computed from them is refused (features::find_missing_input).
struct MissingBranches {
  std::string file;  // name without folders
  std::vector<std::string> branches;
  bool operator==(const MissingBranches&) const = default;
};

// How the set was made; the same in the manifests of the set and of its splits.
struct Provenance {
  int format = manifest_format;
  std::string program_version;
  std::string fingerprint;  // of settings and input files: equal fingerprints give equal shards
  std::string tree;
  SelectionConfig selection;
  SplitConfig split;         // as configured
  std::string split_method;  // "file" or "event": what `auto` became
  std::uint64_t events_per_shard = 0;
  std::uint64_t small_events = 0;
  bool skip_bad = false;
  core::SampleInfo
      sample;  // of all input files together; empty in sets of versions that did not record it
  std::vector<MissingBranches> missing_branches;  // of the input files that lack any; empty in sets
                                                  // of versions that did not record it
  std::vector<core::UnfinishedFile> unfinished_inputs;  // read as far as they go
};

// The manifest of a split folder.
struct SplitManifest {
  Provenance provenance;
  std::string split;  // "train", "val", "test", "train_small", ...
  Counts counts;
  std::vector<ShardInfo> shards;
  std::vector<InputRecord> inputs;  // of the whole set; empty in splits of versions that did not
                                    // record them
};

// The manifest of the whole set.
struct Manifest {
  Provenance provenance;
  std::vector<InputRecord> inputs;
  InputCounts input_counts;
  std::map<std::string, Counts> splits;                  // by folder name
  std::map<std::string, std::vector<ShardInfo>> shards;  // likewise
  std::vector<RepeatedEntries> repeated_events;
};

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);
void write_manifest(const std::filesystem::path& folder, const SplitManifest& manifest);

// Throw DataError naming the file and what is wrong: missing, not JSON, another format version, a
// missing key, the manifest of the set where that of a split is needed or the other way round.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& folder);
[[nodiscard]] SplitManifest read_split_manifest(const std::filesystem::path& folder);

}  // namespace stationhit::data
