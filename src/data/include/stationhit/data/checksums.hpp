// Checksums of column contents. They do not depend on how a file stores the columns, so files that
// are not byte-reproducible can be compared.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <stationhit/core/event.hpp>
#include <stationhit/core/event_stream.hpp>

namespace stationhit::data {

// Column name as in the ntuple ("spacePoint_PositionX", "eventNumber", "bucket_spacePoints") -> 16
// hexadecimal digits.
using Checksums = std::map<std::string, std::string>;

// XXH3 of every column over the events added so far. Each list enters with its length, so moving a
// value to the next event is noticed.
class ColumnHasher {
 public:
  ColumnHasher();
  ~ColumnHasher();
  ColumnHasher(ColumnHasher&&) noexcept;
  ColumnHasher& operator=(ColumnHasher&&) noexcept;

  void add(const core::Event& event);
  [[nodiscard]] Checksums digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Throws DataError naming `file` and the columns that differ.
void compare_checksums(const Checksums& expected, const Checksums& actual, const std::string& file);

}  // namespace stationhit::data
