// Which columns of an event are needed for features and a graph, and which may be left out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::features {

// Who computes features and graph, as messages name it.
enum class NeededBy { model, caller };

class ColumnNeeds {
 public:
  ColumnNeeds(std::span<const std::string> features, const graph::GraphConfig& graph, NeededBy by);

  // "spacePoint_covYY", "bucket_spacePoints", in the order of the ntuple, each once.
  [[nodiscard]] std::vector<std::string> names(bool with_buckets) const;

  // Throws DataError naming `where`, the column, what needs it and the next step if one is left out
  // that is needed.
  void check(const core::EventColumns& event, const std::string& where) const;

 private:
  // Beginning with what needs the column, the rest of the message; empty where nothing does. `hits`
  // is in the order of core::for_each_column.
  struct Needs {
    std::vector<std::string> hits;
    std::string bucket_ranges, bucket_hits;
  };

  Needs with_buckets_, without_buckets_;
};

// Columns of zeros, in memory that is used again.
class ZeroColumns {
 public:
  // Puts zeros in the place of the columns that are left out and that the canonical order reads.
  void fill_in(core::HitColumns& hits);

 private:
  std::tuple<std::vector<float>, std::vector<std::int8_t>, std::vector<std::uint8_t>,
             std::vector<std::int16_t>, std::vector<std::uint16_t>>
      zeros_;
};

// Codes of technologies that no hit can have are refused: throws DataError naming `where`, the
// place and the code.
void check_technologies(std::span<const std::uint8_t> codes, const std::string& where);

}  // namespace stationhit::features
