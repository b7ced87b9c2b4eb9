// The checks of buckets are those of events in vectors, too (event.cpp).
#include <algorithm>
#include <limits>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_columns.hpp>

namespace stationhit::core {
namespace {

// Places in tables of nodes have 32 bits.
void check_counts(const EventColumns& event, const std::string& where) {
  constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
  const std::size_t n_entries = event.buckets.hits.size();
  if (std::max({event.hits.n_hits, event.buckets.n_buckets, n_entries}) <= most) return;
  throw DataError(where + ": the event has " + std::to_string(event.hits.n_hits) + " hits and " +
                  std::to_string(event.buckets.n_buckets) + " buckets with " +
                  std::to_string(n_entries) + " entries, expected at most " + std::to_string(most) +
                  " of each");
}

void check_lengths(const HitColumns& hits, const std::string& where) {
  for_each_column([&](const char* column, auto member, auto) {
    const std::size_t n = (hits.*member).size();
    if (n == hits.n_hits || n == 0) return;
    throw DataError(where + ": spacePoint_" + column + " has " + std::to_string(n) +
                    " values, but the event has " + std::to_string(hits.n_hits) +
                    " hits; give a value for every hit, or leave the column out");
  });
}

void check_buckets(const BucketColumns& buckets, std::size_t n_hits, const std::string& where) {
  const std::size_t n = buckets.size();
  if (const std::size_t ranges = buckets.x_min.size();
      buckets.x_max.size() != ranges || (ranges != n && ranges != 0)) {
    throw DataError(where + ": bucket_xMin has " + std::to_string(ranges) +
                    " values and bucket_xMax " + std::to_string(buckets.x_max.size()) +
                    ", but the event has " + std::to_string(n) + " buckets");
  }
  if (n == 0 && buckets.offsets.empty() && buckets.hits.empty()) return;
  if (buckets.offsets.size() != n + 1 || buckets.offsets.front() != 0 ||
      buckets.offsets.back() != buckets.hits.size()) {
    throw DataError(
        where +
        ": bucket_spacePoints has hit lists for another number of buckets than bucket_index (" +
        std::to_string(n) + ")");
  }
  for (std::size_t b = 0; b < n; ++b) {
    if (buckets.offsets[b] > buckets.offsets[b + 1])
      throw DataError(where + ": bucket_spacePoints[" + std::to_string(b) +
                      "] has a negative length");
  }
  for (const std::uint32_t hit : buckets.hits) {
    if (hit >= n_hits) {
      throw DataError(where + ": bucket_spacePoints refers to hit " + std::to_string(hit) +
                      ", but the event has " + std::to_string(n_hits) +
                      " hits; 16-bit indices may have overflowed where the file was written");
    }
  }
}

}  // namespace

HitColumns::HitColumns(const HitTable& hits) : n_hits(hits.size()) {
  for_each_column([&](const char*, auto member, auto of_table) { this->*member = hits.*of_table; });
}

BucketColumns::BucketColumns(const BucketTable& buckets)
    : n_buckets(buckets.size()),
      x_min(buckets.x_min),
      x_max(buckets.x_max),
      offsets(buckets.offsets),
      hits(buckets.hits) {}

EventColumns::EventColumns(const Event& event)
    : header(event.header), hits(event.hits), buckets(event.buckets) {}

void check_consistency(const EventColumns& event, const std::string& where) {
  check_counts(event, where);
  check_lengths(event.hits, where);
  check_buckets(event.buckets, event.hits.size(), where);
}

}  // namespace stationhit::core
