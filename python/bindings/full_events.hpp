// Many events with truth and header, for what needs more of them than scores do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>

#include <stationhit/core/event.hpp>

#include "event_reader.hpp"

namespace stationhit::python {

// Where the rows of each event, or each bucket, begin, last: the number of rows. Throws ValueError
// naming them unless they ascend from 0 to n_rows.
[[nodiscard]] std::span<const std::int64_t> read_offsets(nb::handle given, const char* name,
                                                         std::size_t n_rows, Arrays& arrays);

// Where the buckets [first, last) of event i begin among the entries of the event, last: their
// number. entries: where they begin among those of all events. Throws DataError if they are too
// many.
void count_entries(std::span<const std::int64_t> entries, std::size_t first, std::size_t last,
                   std::size_t i, std::vector<std::uint32_t>& offsets);

class FullEvents {
 public:
  // columns: the rows of all events one after the other, by the names of the ntuple; those of the
  // hits, muons and buckets, bucket_spacePoints and the numbers of the header. Columns that are
  // not there are 0. offsets: int64 arrays "hits", "muons", "buckets" [n_events + 1] and "entries"
  // [n_buckets + 1].
  FullEvents(const nb::dict& columns, const nb::dict& offsets);

  [[nodiscard]] std::size_t size() const { return size_; }
  // Throws DataError for an event that contradicts itself. May run without the GIL.
  void get(std::size_t i, core::Event& event) const;

 private:
  using Copy = std::function<void(std::size_t, core::Event&)>;

  template <class T>
  void add_header(const nb::dict& columns, const char* name, T core::EventHeader::*member);
  void add_buckets(const nb::dict& columns, const nb::dict& offsets);

  Arrays arrays_;
  std::size_t size_ = 0;
  std::span<const std::int64_t> hits_, muons_, buckets_, entries_;
  std::vector<Copy> copies_;
};

}  // namespace stationhit::python
