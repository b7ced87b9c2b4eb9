// The events of a materialized split by what tells them apart.
#pragma once

#include <filesystem>
#include <vector>

#include <stationhit/core/event_list.hpp>
#include <stationhit/materialized/manifest.hpp>

namespace stationhit::materialized {

// Of parts that have places (format_with_places). Contents are not compared with the checksums.
class PartEvents final : public core::EventList {
 public:
  PartEvents(std::filesystem::path folder, Manifest manifest);

  [[nodiscard]] std::vector<core::EventKey> read_keys() const override;
  [[nodiscard]] bool has_run_numbers() const override { return false; }
  [[nodiscard]] std::vector<std::uint64_t> hash_hits(
      const std::vector<std::uint64_t>& events) const override;

 private:
  std::filesystem::path folder_;
  Manifest manifest_;
};

}  // namespace stationhit::materialized
