// manifest.json of a materialized split: the content of its parts, their source and their settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/core/sample_info.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::materialized {

// The format that is written; all formats from oldest_format on are read.
inline constexpr int manifest_format = 3, oldest_format = 1;
// Since this format, parts hold the places of hits (core::EventTruth::has_places).
inline constexpr int format_with_places = 2;
// Since this format, parts say the process of an event (core::EventTruth::mc_channel_number).
inline constexpr int format_with_processes = 3;

struct Counts {
  std::uint64_t events = 0, hits = 0, muons = 0;
  std::uint64_t groups = 0, nodes = 0, signal_nodes = 0;

  Counts& operator+=(const Counts& other);
  bool operator==(const Counts&) const = default;
};

struct PartInfo {
  std::string file;      // relative to the folder of the split
  std::string shard;     // file of the shard that it was made from
  std::string checksum;  // XXH3 of the data of the file
  Counts counts;
  bool operator==(const PartInfo&) const = default;
};

// The settings of the network inputs that a run must share with the set.
struct Settings {
  std::vector<std::string> features;
  graph::GraphConfig graph;
};

struct Manifest {
  int format = manifest_format;
  std::string program_version;
  Settings settings;
  std::string source_split;        // "train", "val", ...
  std::string source_fingerprint;  // data::Provenance::fingerprint of the prepared set
  core::SampleInfo sample;         // of the prepared set
  Counts counts;
  std::vector<PartInfo> parts;  // one per shard of the prepared split, in the order of its manifest
};

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

// Throws DataError naming the file and what is wrong: missing, not JSON, of another kind, another
// format version, a missing key, counts that are not the sum of the parts.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& folder);

// True if the folder has a manifest.json that says so; false for everything else, damaged manifests
// too.
[[nodiscard]] bool is_materialized_split(const std::filesystem::path& folder);

// Throws ConfigError naming the folder, the first key that differs, both values and what to do.
// Settings that the graph does not use may differ.
void require_same_settings(const Manifest& manifest, const std::filesystem::path& folder,
                           const Settings& run);

}  // namespace stationhit::materialized
