// Checksums of column contents, event by event.
#pragma once

#include <memory>
#include <string>

#include <stationhit/core/event.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::root_io {

class ColumnHashes {
 public:
  ColumnHashes();
  ~ColumnHashes();
  void add(const core::Event& event);
  // Of all events so far.
  [[nodiscard]] ShardSummary summary(const std::filesystem::path& path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::root_io
