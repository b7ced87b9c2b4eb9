// Where the values of a column of core::Event come from: a branch of a TTree or a field of an
// RNTuple, in the type in which it is stored.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include <stationhit/core/errors.hpp>

#include "root_session.hpp"

namespace stationhit::root_io {

template <class... Types>
struct TypeList {};

using NumericTypes =
    TypeList<float, double, char, signed char, unsigned char, bool, short, unsigned short, int,
             unsigned int, long, unsigned long, long long, unsigned long long>;
using NestedIndexTypes =
    TypeList<unsigned short, unsigned int, int, unsigned char, short, long, unsigned long>;

// One number per entry, in the widest type of its kind.
using Number = std::variant<double, std::uint64_t, std::int64_t>;

// `Values`: std::vector of a numeric type, a list of lists of integers, or Number.
template <class Values>
class ColumnSource {
 public:
  virtual ~ColumnSource() = default;
  // The values of an entry; the caller may take them. Throws DataError naming file, entry and
  // column if it is damaged or if ROOT reports a failure, by its result, a message or an exception.
  [[nodiscard]] virtual Values& load(long long entry, const RootMessages& messages,
                                     const std::string& file) = 0;
  // "branch spacePoint_time"
  [[nodiscard]] virtual std::string name() const = 0;
};

template <class Values>
using SourcePtr = std::unique_ptr<ColumnSource<Values>>;

[[nodiscard]] inline std::string place_of(const std::string& file, long long entry,
                                          const std::string& column) {
  return file + ", entry " + std::to_string(entry) + ": " + column;
}

[[noreturn]] inline void refuse_damaged(const std::string& place, const std::string& reason) {
  throw core::DataError(place +
                        " is damaged; copy the file again or leave it out (ROOT: " + reason + ")");
}

}  // namespace stationhit::root_io
