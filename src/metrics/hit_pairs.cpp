// Hits are added one after the other, best scores first; a new hit makes a pair with every hit of
// its bucket that is not in its layer, so counters of buckets and of their layers are enough. Hits
// that a bucket shares with earlier ones (overlap hits) also form a group whose pairs are taken off
// again: they were counted in the earlier bucket. That is exact where such hits share one earlier
// bucket, as neighboring buckets do.
#include <algorithm>
#include <cassert>
#include <tuple>

#include <stationhit/metrics/hit_pairs.hpp>

namespace stationhit::metrics {
namespace {

// A hit in a group: group 2 b is bucket b, group 2 b + 1 its hits that are in earlier buckets too.
struct Membership {
  std::uint32_t group;
  std::uint32_t layer;  // technology, stationIndex and layer; later the number of the layer
  float score;
};

std::vector<Membership> list_memberships(const ScoredSample& sample, std::size_t event) {
  const std::uint64_t first_hit = sample.event_offsets[event];
  std::vector<bool> seen(sample.event_offsets[event + 1] - first_hit, false);
  std::vector<Membership> list;
  std::uint32_t group = 0;
  for (std::uint64_t bucket = sample.event_buckets[event]; bucket < sample.event_buckets[event + 1];
       ++bucket, group += 2) {
    for (std::uint64_t i = sample.bucket_offsets[bucket]; i < sample.bucket_offsets[bucket + 1];
         ++i) {
      const std::uint32_t of_event = sample.bucket_hits[i];
      const std::uint64_t hit = first_hit + of_event;
      const std::uint32_t layer = std::uint32_t{sample.technology[hit]} << 16U |
                                  std::uint32_t{sample.station_index[hit]} << 8U |
                                  sample.layer[hit];
      list.push_back({group, layer, sample.score[hit]});
      if (seen[of_event]) list.push_back({group + 1, layer, sample.score[hit]});
      seen[of_event] = true;
    }
  }
  return list;
}

// Replaces the codes of the layers by numbers, a number for every layer of a group. Returns how
// many there are.
std::size_t number_layers(std::vector<Membership>& list) {
  std::sort(list.begin(), list.end(), [](const Membership& a, const Membership& b) {
    return std::tie(a.group, a.layer) < std::tie(b.group, b.layer);
  });
  std::uint32_t n_layers = 0;
  for (std::size_t begin = 0; begin < list.size(); ++n_layers) {
    const auto [group, layer, score] = list[begin];
    for (; begin < list.size() && list[begin].group == group && list[begin].layer == layer; ++begin)
      list[begin].layer = n_layers;
  }
  return n_layers;
}

// The pairs of the hits that were added so far.
class PairCounter {
 public:
  PairCounter(std::size_t n_groups, std::size_t n_layers)
      : of_group_(n_groups), of_layer_(n_layers) {}

  void add(const Membership& hit) {
    const std::uint32_t pairs = of_group_[hit.group]++ - of_layer_[hit.layer]++;
    if (hit.group % 2 == 0) {
      counted_ += pairs;
    } else {
      repeated_ += pairs;
    }
  }
  [[nodiscard]] std::uint64_t pairs() const { return counted_ - repeated_; }

 private:
  std::vector<std::uint32_t> of_group_, of_layer_;
  std::uint64_t counted_ = 0, repeated_ = 0;
};

}  // namespace

std::vector<std::uint64_t> count_hit_pairs(const ScoredSample& sample, std::size_t event,
                                           std::span<const float> thresholds) {
  assert(sample.has_places());
  std::vector<Membership> hits = list_memberships(sample, event);
  const std::size_t n_layers = number_layers(hits);
  std::sort(hits.begin(), hits.end(),
            [](const Membership& a, const Membership& b) { return a.score > b.score; });
  const std::uint64_t n_buckets = sample.event_buckets[event + 1] - sample.event_buckets[event];
  PairCounter counter(2 * n_buckets, n_layers);
  std::vector<std::uint64_t> pairs(thresholds.size() + 1);
  auto next = hits.begin();
  for (std::size_t i = thresholds.size(); i > 0; --i) {
    for (; next != hits.end() && next->score > thresholds[i - 1]; ++next) counter.add(*next);
    pairs[i] = counter.pairs();
  }
  for (; next != hits.end(); ++next) counter.add(*next);
  pairs[0] = counter.pairs();
  return pairs;
}

}  // namespace stationhit::metrics
