// Prepared shards: complete events as a ROOT RNTuple "events", one plain field per column (readable
// with uproot). Fields: runNumber ..., spacePoint_*, truthMuon_*, bucket_* as in the ntuple; the
// hit lists of the buckets are flat: bucket_nSpacePoints (hits per bucket) and bucket_spacePoints
// (their indices, bucket after bucket).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/staged_event_writer.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {

// Writes aside; close() gives the file its name. Throws DataError naming the path.
class ShardWriter : public core::StagedEventWriter {
 public:
  // Memory of an open shard: pages that fill, compressed pages of the cluster, write buffer.
  static constexpr std::uint64_t buffer_bytes = std::uint64_t{16} << 20U;

  explicit ShardWriter(std::filesystem::path path);
  ~ShardWriter() override;
  void write(const core::Event& event) override;
  void complete() override;
  void close() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Streams the events of several shards in the given order; `range` counts over all of them. Throws
// DataError naming the shard: missing, not a shard, truncated, damaged (every page has a checksum).
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

}  // namespace stationhit::root_io
