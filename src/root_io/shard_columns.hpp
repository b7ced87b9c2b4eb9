// The fields of a shard: one list that writer and reader share.
#pragma once

#include <string>

#include <stationhit/core/event.hpp>

#include "header_numbers.hpp"

namespace stationhit::root_io {

inline constexpr const char* shard_ntuple = "events";
inline constexpr const char* bucket_lengths_field = "bucket_nSpacePoints";

// The hit lists of the buckets as lengths and indices.
struct BucketLists {
  std::vector<std::uint32_t> lengths;
};

// Calls visit(field name, value) for every scalar and every vector column.
template <class EventType, class Lists, class Visitor>
void for_each_field(EventType& event, Lists& lists, Visitor&& visit) {
  for_each_header_number([&](const char* name, auto member) { visit(name, event.header.*member); });
  core::for_each_bucket_column([&](const char* name, auto member) {
    visit(std::string("bucket_") + name, event.buckets.*member);
  });
  visit(bucket_lengths_field, lists.lengths);
  visit("bucket_spacePoints", event.buckets.hits);
  core::for_each_hit_column([&](const char* name, auto member) {
    visit(std::string("spacePoint_") + name, event.hits.*member);
  });
  core::for_each_muon_column([&](const char* name, auto member) {
    visit(std::string("truthMuon_") + name, event.muons.*member);
  });
}

void offsets_to_lengths(const core::BucketTable& buckets, BucketLists& lists);
void lengths_to_offsets(const BucketLists& lists, core::BucketTable& buckets);

}  // namespace stationhit::root_io
