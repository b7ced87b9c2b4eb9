// Every operation on a table (resize, gather, checks) is a loop over its columns through
// for_each_*_column. A new column therefore needs no change here, and none can be forgotten.
#include <bit>
#include <cassert>
#include <cmath>
#include <type_traits>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event.hpp>
#include <stationhit/core/event_columns.hpp>
#include <stationhit/core/finite_hits.hpp>

namespace stationhit::core {
namespace {

template <class Table>
struct ColumnVisit;
template <>
struct ColumnVisit<HitTable> {
  static constexpr const char* prefix = "spacePoint_";
  template <class Visitor>
  static void each(Visitor&& visit) {
    for_each_hit_column(visit);
  }
};
template <>
struct ColumnVisit<MuonTable> {
  static constexpr const char* prefix = "truthMuon_";
  template <class Visitor>
  static void each(Visitor&& visit) {
    for_each_muon_column(visit);
  }
};
template <>
struct ColumnVisit<BucketTable> {
  static constexpr const char* prefix = "bucket_";
  template <class Visitor>
  static void each(Visitor&& visit) {
    for_each_bucket_column(visit);
  }
};

template <class Table>
void resize_columns(Table& table, std::size_t n) {
  ColumnVisit<Table>::each([&](const char*, auto member) { (table.*member).resize(n); });
}

template <class Table>
Table gather_columns(const Table& table, std::span<const std::uint32_t> rows) {
  Table result;
  ColumnVisit<Table>::each([&](const char*, auto member) {
    const auto& from = table.*member;
    auto& to = result.*member;
    to.reserve(rows.size());
    for (const std::uint32_t row : rows) {
      assert(row < from.size());
      to.push_back(from[row]);
    }
  });
  return result;
}

template <class Table>
void check_equal_lengths(const Table& table, const std::string& where) {
  const std::size_t expected = table.size();
  ColumnVisit<Table>::each([&](const char* column, auto member) {
    const std::size_t actual = (table.*member).size();
    if (actual == expected) return;
    throw DataError(where + ": branch " + ColumnVisit<Table>::prefix + column + " has " +
                    std::to_string(actual) + " values, the others have " +
                    std::to_string(expected) +
                    "; the event is damaged or was written by a faulty program, recreate the file");
  });
}

// Tests the bits of the exponent, because the compiler can vectorize this.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7F800000U;
  std::uint32_t bad = 0;
  for (const float value : values)
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & exponent) == exponent);
  return bad == 0;
}

template <class Table>
std::string first_non_finite_in(const Table& table) {
  std::string found;
  ColumnVisit<Table>::each([&](const char* column, auto member) {
    const auto& values = table.*member;
    if constexpr (std::is_floating_point_v<
                      typename std::remove_cvref_t<decltype(values)>::value_type>) {
      if (!found.empty() || all_finite(values)) return;
      std::size_t i = 0;
      while (std::isfinite(values[i])) ++i;
      found = std::string(ColumnVisit<Table>::prefix) + column + "[" + std::to_string(i) +
              "] = " + std::to_string(values[i]);
    }
  });
  return found;
}

}  // namespace

void resize(HitTable& hits, std::size_t n) { resize_columns(hits, n); }
void resize(MuonTable& muons, std::size_t n) { resize_columns(muons, n); }
HitTable gather(const HitTable& hits, std::span<const std::uint32_t> rows) {
  return gather_columns(hits, rows);
}
MuonTable gather(const MuonTable& muons, std::span<const std::uint32_t> rows) {
  return gather_columns(muons, rows);
}

Event keep_hits(const Event& event, std::span<const std::uint32_t> hits) {
  constexpr std::uint32_t dropped = UINT32_MAX;
  std::vector<std::uint32_t> new_index(event.hits.size(), dropped);
  for (std::uint32_t i = 0; i < hits.size(); ++i) new_index[hits[i]] = i;
  Event result{event.header, gather(event.hits, hits), event.muons, event.buckets};
  if (event.buckets.offsets.empty()) return result;
  result.buckets.hits.clear();
  for (std::size_t b = 0; b < event.buckets.size(); ++b) {
    for (const std::uint32_t hit : event.buckets.hits_of(b)) {
      if (new_index[hit] != dropped) result.buckets.hits.push_back(new_index[hit]);
    }
    result.buckets.offsets[b + 1] = static_cast<std::uint32_t>(result.buckets.hits.size());
  }
  return result;
}

void check_consistency(const Event& event, const std::string& where) {
  check_equal_lengths(event.hits, where);
  check_equal_lengths(event.muons, where);
  check_equal_lengths(event.buckets, where);
  check_consistency(EventColumns(event), where);
  const auto n_muons = static_cast<std::int32_t>(event.muons.size());
  for (std::size_t i = 0; i < event.hits.size(); ++i) {
    const std::int8_t link = event.hits.truth_link[i];
    if (link >= no_muon && link < n_muons) continue;
    throw DataError(where + ": spacePoint_truthLink[" + std::to_string(i) + "] = " +
                    std::to_string(link) + ", but the event has " + std::to_string(n_muons) +
                    " muons; links must be -1 or an index into truthMuon_*");
  }
}

std::string first_non_finite(const Event& event) {
  std::string found = first_non_finite_in(event.hits);
  if (found.empty()) found = first_non_finite_in(event.muons);
  return found.empty() ? first_non_finite_in(event.buckets) : found;
}

void mark_non_finite_hits(const HitColumns& hits, std::vector<std::uint8_t>& marks) {
  marks.assign(hits.size(), 0);
  for_each_column([&](const char*, auto member, auto) {
    const auto values = hits.*member;
    if constexpr (std::is_floating_point_v<typename decltype(values)::value_type>) {
      if (all_finite(values)) return;
      for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i])) marks[i] = 1;
    }
  });
}

std::vector<std::uint8_t> non_finite_hits(const HitTable& hits) {
  std::vector<std::uint8_t> marks;
  mark_non_finite_hits(hits, marks);
  return marks;
}

}  // namespace stationhit::core
