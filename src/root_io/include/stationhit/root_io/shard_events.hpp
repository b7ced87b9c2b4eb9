// The events of prepared shards by what tells them apart. A file is opened again for every
// question, and only the columns that it needs are read.
#pragma once

#include <filesystem>
#include <vector>

#include <stationhit/core/event_list.hpp>

namespace stationhit::root_io {

class ShardEvents final : public core::EventList {
 public:
  explicit ShardEvents(std::vector<std::filesystem::path> shards);

  [[nodiscard]] std::vector<core::EventKey> read_keys() const override;
  [[nodiscard]] bool has_run_numbers() const override { return true; }
  [[nodiscard]] std::vector<std::uint64_t> hash_hits(
      const std::vector<std::uint64_t>& events) const override;

 private:
  std::vector<std::filesystem::path> shards_;
};

}  // namespace stationhit::root_io
