// Prepared shards: complete events as a ROOT RNTuple "events", one plain field per column (readable with uproot).
// Fields: runNumber ..., spacePoint_*, truthMuon_*, bucket_* as in the ntuple; the hit lists of the buckets are flat:
// bucket_nSpacePoints (hits per bucket) and bucket_spacePoints (their indices, bucket after bucket).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {

// What a shard holds. A checksum is the xxh3 (64 bits, 16 hex digits) over, for every event in order, the number of values (uint64, only for
// vectors) and the values, little endian: it depends on the events only, the file itself is not byte-reproducible.
struct ShardSummary {
  std::string file;  // name without folder
  std::uint64_t events = 0;
  std::uint64_t hits = 0;
  std::map<std::string, std::string> column_checksums;

  bool operator==(const ShardSummary&) const = default;
};

// Writes aside; close() gives the file its name. Throws DataError naming the path.
class ShardWriter : public core::EventWriter {
 public:
  explicit ShardWriter(std::filesystem::path path);
  ~ShardWriter() override;
  void write(const core::Event& event) override;
  void close() override;
  // Valid after close().
  [[nodiscard]] const ShardSummary& summary() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Streams the events of several shards in the given order; `range` counts over all of them. Throws DataError naming the shard: missing,
// not a shard, truncated, damaged (every page has a checksum).
class ShardReader : public core::EventReader {
 public:
  explicit ShardReader(std::vector<std::filesystem::path> shards, EventRange range = {});
  ~ShardReader() override;
  bool next(core::Event& event) override;
  [[nodiscard]] std::string where() const override;
  [[nodiscard]] std::optional<std::uint64_t> size() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Reads the whole shard and computes its summary.
[[nodiscard]] ShardSummary summarize_shard(const std::filesystem::path& path);

// Throws DataError naming the shard and the first column whose content is not what `expected` says.
void verify_shard(const std::filesystem::path& path, const ShardSummary& expected);

}  // namespace stationhit::root_io
