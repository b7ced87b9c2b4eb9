// Copies an event with its hits, bucket lists and buckets in another order.
#pragma once

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

struct PermutedEvent {
  core::Event event;
  std::vector<std::uint32_t> new_index;  // of the old hit
};

inline core::BucketTable with_buckets_in_order(const core::BucketTable& buckets,
                                               const std::vector<std::uint32_t>& order) {
  core::BucketTable result;
  core::for_each_bucket_column([&](const char*, auto member) {
    for (const std::uint32_t b : order) (result.*member).push_back((buckets.*member)[b]);
  });
  result.offsets.push_back(0);
  for (const std::uint32_t b : order) {
    const auto hits = buckets.hits_of(b);
    result.hits.insert(result.hits.end(), hits.begin(), hits.end());
    result.offsets.push_back(static_cast<std::uint32_t>(result.hits.size()));
  }
  return result;
}

inline PermutedEvent permuted(const core::Event& event, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint32_t> order(event.hits.size());
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), random);
  PermutedEvent result{event, std::vector<std::uint32_t>(order.size())};
  for (std::uint32_t i = 0; i < order.size(); ++i) result.new_index[order[i]] = i;
  result.event.hits = core::gather(event.hits, order);

  std::vector<std::uint32_t> bucket_order(event.buckets.size());
  std::iota(bucket_order.begin(), bucket_order.end(), 0U);
  std::shuffle(bucket_order.begin(), bucket_order.end(), random);
  core::BucketTable& buckets = result.event.buckets;
  if (event.buckets.size() == 0) return result;
  buckets = with_buckets_in_order(event.buckets, bucket_order);
  for (std::uint32_t& hit : buckets.hits) hit = result.new_index[hit];
  for (std::size_t b = 0; b < buckets.size(); ++b)
    std::shuffle(buckets.hits.begin() + buckets.offsets[b],
                 buckets.hits.begin() + buckets.offsets[b + 1], random);
  return result;
}

}  // namespace stationhit::test
