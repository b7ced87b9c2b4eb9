// Events in arrays of Python, as views without a copy.
//
// An array is anything with the buffer protocol of Python. It must have one dimension, be
// contiguous and have the type of the column in the byte order of the machine; bool counts as
// uint8. Else TypeError or ValueError naming the column, what it has and what is expected.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::python {

namespace nb = nanobind;

// Keeps an array from being freed or resized. Is made and ends with the GIL held. It stays where it
// is, because a view may point into itself.
class Buffer {
 public:
  Buffer(nb::handle array, int flags, const std::string& name);
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  [[nodiscard]] const Py_buffer& view() const { return view_; }

 private:
  Py_buffer view_{};
};

class Arrays {
 public:
  // The values of an array that lives as long as this object. T: a number of 1, 2, 4 or 8 bytes.
  template <class T>
  [[nodiscard]] std::span<const T> read(nb::handle array, const std::string& name);
  template <class T>
  [[nodiscard]] std::span<T> write_to(nb::handle array, const std::string& name);

 private:
  std::deque<Buffer> buffers_;
};

struct EventArrays {
  Arrays arrays;
  core::EventColumns columns;
};

// The event as a dict of columns: itself, or what the function columns_of of the module
// stationhit.events makes of a structured array and of an awkward record.
[[nodiscard]] nb::dict columns_of(nb::handle event);

// Columns by the names of the ntuple ("spacePoint_PositionY", "bucket_xMin", ...): the values of
// the hits, bucket_spacePoints (uint32, the hits of all buckets one after the other) with
// bucket_offsets (uint32, [n_buckets + 1]), and the numbers runNumber and eventNumber. Names with
// other beginnings than spacePoint_ and bucket_ are passed over, as is the truth. Throws
// ValueError for an unknown column, and where the columns of the hits or of the buckets have
// different lengths. What core::check_consistency checks beside that is left to it.
[[nodiscard]] EventArrays read_event(const nb::dict& columns);

// The same for the columns of the hits alone; `columns` is appended to. Columns of buckets are
// refused.
void read_hits(const nb::dict& columns, Arrays& arrays, core::HitColumns& hits);

// Of every column of the hits, in the order of the ntuple: its name and the name of its type in
// NumPy ("float32").
[[nodiscard]] std::vector<std::pair<std::string, std::string>> hit_column_types();

}  // namespace stationhit::python
