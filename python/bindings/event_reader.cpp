// Every name of a column leads to a function that puts the view of an array into the member of
// that column. The number of hits is that of the first column; the others are held against it here,
// because a view of no values counts as a column that is left out.
#include "event_reader.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include <stationhit/core/text.hpp>

namespace stationhit::python {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats of buffers say so");

const std::string hit_prefix = "spacePoint_";
const std::string bucket_prefix = "bucket_";

template <class T>
constexpr const char* type_name() {
  if constexpr (std::is_same_v<T, float>) return "float32";
  if constexpr (std::is_same_v<T, double>) return "float64";
  if constexpr (std::is_same_v<T, std::int8_t>) return "int8";
  if constexpr (std::is_same_v<T, std::int16_t>) return "int16";
  if constexpr (std::is_same_v<T, std::int32_t>) return "int32";
  if constexpr (std::is_same_v<T, std::int64_t>) return "int64";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "uint8";
  if constexpr (std::is_same_v<T, std::uint16_t>) return "uint16";
  if constexpr (std::is_same_v<T, std::uint32_t>) return "uint32";
  if constexpr (std::is_same_v<T, std::uint64_t>) return "uint64";
}

// Codes of the module struct: the letters of a kind differ in size only.
template <class T>
bool has_type(const Py_buffer& view) {
  std::string_view format = view.format == nullptr ? "B" : view.format;
  if (format.size() == 2 && std::string_view("@=<").find(format[0]) != std::string_view::npos)
    format.remove_prefix(1);
  if (format.size() != 1 || view.itemsize != sizeof(T)) return false;
  std::string_view letters;
  if constexpr (std::is_floating_point_v<T>) {
    letters = "fd";
  } else if constexpr (std::is_signed_v<T>) {
    letters = "bhilqn";
  } else {
    letters = sizeof(T) == 1 ? "B?" : "HILQN";
  }
  return letters.find(format[0]) != std::string_view::npos;
}

// "a list", "an array of float64".
std::string what_it_is(nb::handle array) {
  if (!nb::hasattr(array, "dtype"))
    return "is of type " + std::string(nb::type_name(array.type()).c_str());
  return "has the dtype " + std::string(nb::str(nb::getattr(array, "dtype")).c_str());
}

template <class T>
void check(nb::handle array, const Py_buffer& view, const std::string& name) {
  if (!has_type<T>(view)) {
    const std::string message = name + " " + what_it_is(array) + ", expected " + type_name<T>() +
                                "; give numpy.asarray(values, numpy." + type_name<T>() + ")";
    throw nb::type_error(message.c_str());
  }
  if (view.ndim != 1) {
    const std::string message =
        name + " has " + std::to_string(view.ndim) + " dimensions, expected 1";
    throw nb::value_error(message.c_str());
  }
  if (view.shape[0] > 1 && view.strides[0] != view.itemsize) {
    const std::string message = name + " is not contiguous (its values are " +
                                std::to_string(view.strides[0]) +
                                " bytes apart); give numpy.ascontiguousarray(values)";
    throw nb::value_error(message.c_str());
  }
}

// Views of a file or of a record may begin anywhere.
template <class T>
void check_alignment(const Py_buffer& view, const std::string& name) {
  if (reinterpret_cast<std::uintptr_t>(view.buf) % alignof(T) == 0) return;
  const std::string message = name + " does not begin at a multiple of " +
                              std::to_string(alignof(T)) + " bytes; give values.copy()";
  throw nb::value_error(message.c_str());
}

template <class T>
std::span<T> values_of(const Py_buffer& view) {
  return {static_cast<T*>(view.buf), static_cast<std::size_t>(view.shape[0])};
}

// The first column and its length.
struct Length {
  std::string name;
  std::size_t n = 0;

  void require(const std::string& other, std::size_t found, const char* table) {
    if (name.empty()) {
      name = other;
      n = found;
    } else if (found != n) {
      const std::string message = other + " has " + std::to_string(found) + " values, but " + name +
                                  " has " + std::to_string(n) + "; all columns of the " + table +
                                  " have the same length";
      throw nb::value_error(message.c_str());
    }
  }
};

using ReadHits =
    std::function<std::size_t(nb::handle, const std::string&, Arrays&, core::HitColumns&)>;

const std::unordered_map<std::string_view, ReadHits>& hit_columns() {
  static const auto columns = [] {
    std::unordered_map<std::string_view, ReadHits> result;
    core::for_each_column(
        [&]<class T>(const char* column, std::span<const T> core::HitColumns::*member, auto) {
          result.emplace(column, [member](nb::handle array, const std::string& name, Arrays& arrays,
                                          core::HitColumns& hits) {
            hits.*member = arrays.read<T>(array, name);
            return (hits.*member).size();
          });
        });
    return result;
  }();
  return columns;
}

[[noreturn]] void refuse_name(const std::string& name, std::vector<std::string> known) {
  const std::string near = core::nearest(name, known);
  const std::string message = name + " is no column of an event" +
                              (near.empty() ? "" : " (did you mean '" + near + "'?)") +
                              "; leave it out, or correct its name";
  throw nb::value_error(message.c_str());
}

void read_hit_column(const std::string& name, nb::handle array, Arrays& arrays, Length& length,
                     core::HitColumns& hits) {
  const auto column = hit_columns().find(std::string_view(name).substr(hit_prefix.size()));
  if (column != hit_columns().end()) {
    length.require(name, column->second(array, name, arrays, hits), "hits");
  } else if (name != "spacePoint_truthLink") {
    std::vector<std::string> known;
    for (const auto& [column_name, type] : hit_column_types()) known.push_back(column_name);
    refuse_name(name, std::move(known));
  }
}

struct BucketLengths {
  bool has_hits = false, has_offsets = false;
  Length ranges;
};

void read_bucket_column(const std::string& name, nb::handle array, Arrays& arrays,
                        BucketLengths& lengths, core::BucketColumns& buckets) {
  static const std::vector<std::string> unread{"bucket_index", "bucket_stationIndex",
                                               "bucket_stationEta", "bucket_stationPhi"};
  if (name == "bucket_spacePoints") {
    buckets.hits = arrays.read<std::uint32_t>(array, name);
    lengths.has_hits = true;
  } else if (name == "bucket_offsets") {
    buckets.offsets = arrays.read<std::uint32_t>(array, name);
    lengths.has_offsets = true;
  } else if (name == "bucket_xMin") {
    buckets.x_min = arrays.read<float>(array, name);
    lengths.ranges.require(name, buckets.x_min.size(), "buckets");
  } else if (name == "bucket_xMax") {
    buckets.x_max = arrays.read<float>(array, name);
    lengths.ranges.require(name, buckets.x_max.size(), "buckets");
  } else if (std::ranges::find(unread, name) == unread.end()) {
    std::vector<std::string> known{"bucket_spacePoints", "bucket_offsets", "bucket_xMin",
                                   "bucket_xMax"};
    known.insert(known.end(), unread.begin(), unread.end());
    refuse_name(name, std::move(known));
  }
}

void finish_buckets(const BucketLengths& lengths, core::BucketColumns& buckets) {
  if (lengths.has_hits != lengths.has_offsets) {
    throw nb::value_error(
        "bucket_spacePoints and bucket_offsets are given together: the hits of all buckets, and "
        "where each begins among them");
  }
  if (!lengths.has_offsets) {
    if (lengths.ranges.n == 0) return;
    throw nb::value_error(
        "bucket_xMin and bucket_xMax are given without bucket_spacePoints and "
        "bucket_offsets; give these, too, or none of the four");
  }
  if (buckets.offsets.empty())
    throw nb::value_error("bucket_offsets has no values, expected n_buckets + 1");
  buckets.n_buckets = buckets.offsets.size() - 1;
  if (!lengths.ranges.name.empty() && lengths.ranges.n != buckets.n_buckets) {
    const std::string message = lengths.ranges.name + " has " + std::to_string(lengths.ranges.n) +
                                " values, but bucket_offsets has those of " +
                                std::to_string(buckets.n_buckets) + " buckets";
    throw nb::value_error(message.c_str());
  }
  if (!lengths.ranges.name.empty() && buckets.x_min.size() != buckets.x_max.size())
    throw nb::value_error("bucket_xMin and bucket_xMax are given together");
}

template <class Number>
void read_number(nb::handle value, const std::string& name, Number& number) {
  const nb::object whole = nb::steal(PyNumber_Index(value.ptr()));
  if (!whole.is_valid() || !nb::try_cast<Number>(whole, number)) {
    PyErr_Clear();
    const std::string message = name + " is " + std::string(nb::repr(value).c_str()) +
                                ", expected a whole number of " +
                                std::to_string(8 * sizeof(Number)) + " bits";
    throw nb::type_error(message.c_str());
  }
}

void require_any(const Length& length) {
  if (length.name.empty())
    throw nb::value_error(
        "the event has no column spacePoint_...; an event without hits has "
        "columns of length 0");
}

}  // namespace

Buffer::Buffer(nb::handle array, int flags, const std::string& name) {
  if (PyObject_GetBuffer(array.ptr(), &view_, flags) == 0) return;
  PyErr_Clear();
  const bool writes = (flags & PyBUF_WRITABLE) != 0;
  const std::string message = name + " " + what_it_is(array) + ", expected " +
                              (writes ? "a NumPy array that can be written to" : "a NumPy array");
  throw nb::type_error(message.c_str());
}

template <class T>
std::span<const T> Arrays::read(nb::handle array, const std::string& name) {
  const Py_buffer& view = buffers_.emplace_back(array, PyBUF_RECORDS_RO, name).view();
  check<T>(array, view, name);
  check_alignment<T>(view, name);
  return values_of<const T>(view);
}

template <class T>
std::span<T> Arrays::write_to(nb::handle array, const std::string& name) {
  const Py_buffer& view = buffers_.emplace_back(array, PyBUF_RECORDS, name).view();
  check<T>(array, view, name);
  check_alignment<T>(view, name);
  return values_of<T>(view);
}

template std::span<const float> Arrays::read(nb::handle, const std::string&);
template std::span<const double> Arrays::read(nb::handle, const std::string&);
template std::span<const std::int8_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::int16_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::int32_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::uint16_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::int64_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::uint8_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::uint32_t> Arrays::read(nb::handle, const std::string&);
template std::span<const std::uint64_t> Arrays::read(nb::handle, const std::string&);
template std::span<float> Arrays::write_to(nb::handle, const std::string&);

nb::dict columns_of(nb::handle event) {
  if (nb::isinstance<nb::dict>(event)) return nb::borrow<nb::dict>(event);
  return nb::cast<nb::dict>(nb::module_::import_("stationhit.events").attr("columns_of")(event));
}

EventArrays read_event(const nb::dict& columns) {
  EventArrays event;
  Length hits;
  BucketLengths buckets;
  std::string name;
  for (const auto& [key, value] : columns) {
    if (!nb::isinstance<nb::str>(key)) throw nb::type_error("names of columns are strings");
    name = nb::borrow<nb::str>(key).c_str();
    if (name.starts_with(hit_prefix)) {
      read_hit_column(name, value, event.arrays, hits, event.columns.hits);
    } else if (name.starts_with(bucket_prefix)) {
      read_bucket_column(name, value, event.arrays, buckets, event.columns.buckets);
    } else if (name == "eventNumber") {
      read_number(value, name, event.columns.header.event_number);
    } else if (name == "runNumber") {
      read_number(value, name, event.columns.header.run_number);
    }
  }
  require_any(hits);
  event.columns.hits.n_hits = hits.n;
  finish_buckets(buckets, event.columns.buckets);
  return event;
}

void read_hits(const nb::dict& columns, Arrays& arrays, core::HitColumns& hits) {
  Length length;
  for (const auto& [key, value] : columns)
    read_hit_column(nb::borrow<nb::str>(key).c_str(), value, arrays, length, hits);
  require_any(length);
  hits.n_hits = length.n;
}

std::vector<std::pair<std::string, std::string>> hit_column_types() {
  std::vector<std::pair<std::string, std::string>> types;
  core::for_each_column(
      [&]<class T>(const char* column, std::span<const T> core::HitColumns::*, auto) {
        types.emplace_back(hit_prefix + column, type_name<T>());
      });
  return types;
}

}  // namespace stationhit::python
