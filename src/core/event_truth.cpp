// Hits that measure only phi are left out of the buckets, and so are repeated entries of a hit: who
// combines hits then needs no further column to tell them apart.
#include <limits>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/event_truth.hpp>

namespace stationhit::core {
namespace {

void add_buckets(EventTruth& truth, const HitColumns& hits, const BucketTable& buckets) {
  std::vector<std::size_t> last_bucket(hits.size(), std::numeric_limits<std::size_t>::max());
  truth.bucket_hits.reserve(buckets.hits.size());
  truth.bucket_offsets.reserve(buckets.size() + 1);
  truth.bucket_offsets.push_back(0);
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    for (const std::uint32_t hit : buckets.hits_of(bucket)) {
      if (is_phi_only(hits, hit) || last_bucket[hit] == bucket) continue;
      last_bucket[hit] = bucket;
      truth.bucket_hits.push_back(hit);
    }
    truth.bucket_offsets.push_back(static_cast<std::uint32_t>(truth.bucket_hits.size()));
  }
}

}  // namespace

EventTruth truth_of(const Event& event) {
  const HitTable& hits = event.hits;
  EventTruth truth{.event_number = event.header.event_number,
                   .mc_channel_number = event.header.mc_channel_number,
                   .truth_link = hits.truth_link,
                   .technology = hits.technology,
                   .muon_pt = event.muons.pt,
                   .muon_eta = event.muons.eta,
                   .muon_phi = event.muons.phi,
                   .muon_q = event.muons.q,
                   .station_index = hits.station_index,
                   .station_eta = hits.station_eta,
                   .station_phi = hits.station_phi,
                   .layer = hits.layer,
                   .bucket_offsets = {},
                   .bucket_hits = {}};
  if (event.buckets.size() > 0) {
    add_buckets(truth, hits, event.buckets);
  } else {
    add_buckets(truth, hits, build_buckets(hits));
  }
  return truth;
}

}  // namespace stationhit::core
