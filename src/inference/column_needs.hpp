// Which columns of an event a model needs, and which may be left out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

class ColumnNeeds {
 public:
  explicit ColumnNeeds(const Model& model);

  // "spacePoint_covYY", "bucket_spacePoints", in the order of the ntuple, each once.
  [[nodiscard]] std::vector<std::string> names(bool with_buckets) const;

  // Throws DataError naming `where`, the column and what needs it if one is left out that the model
  // needs.
  void check(const core::EventColumns& event, const std::string& where) const;

 private:
  // In the order of core::for_each_column; empty where the model does not need the column, and
  // otherwise what does.
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

}  // namespace stationhit::inference
