// Hits are collected group by group, sorted inside each group, and the groups are sorted by their
// hits at the end. Nearly all comparisons are decided by one 64-bit key that packs the leading
// fields of the canonical order; only equal keys need the full comparison. O(n log n).
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/graph/nodes.hpp>

namespace stationhit::graph {
namespace {

using core::HitTable;

// Compares hits in canonical order. One integer decides most comparisons: it packs technology,
// station, layer, channel and the high byte of secChannel.
class CanonicalOrder {
 public:
  explicit CanonicalOrder(const HitTable& hits) : hits_(hits), key_(hits.size()) {
    for (std::size_t i = 0; i < key_.size(); ++i) {
      std::uint64_t key = hits.technology[i];
      key = key << 8 | hits.station_index[i];
      // Signed fields are shifted to start at 0, so that the order of the integers is that of the
      // values.
      key = key << 8 | static_cast<std::uint8_t>(hits.station_eta[i] + 128);
      key = key << 8 | hits.station_phi[i];
      key = key << 8 | hits.layer[i];
      key = key << 16 | hits.channel[i];
      key_[i] = key << 8 | static_cast<std::uint16_t>(hits.sec_channel[i] + 32768) >> 8;
    }
  }

  // Negative, 0 or positive, like core::compare_canonical.
  [[nodiscard]] int compare(std::uint32_t a, std::uint32_t b) const {
    if (key_[a] != key_[b]) return key_[a] < key_[b] ? -1 : 1;
    return a == b ? 0 : core::compare_canonical(hits_, a, b);
  }

  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
    const int order = compare(a, b);
    return order != 0 ? order < 0 : a < b;
  }

 private:
  const HitTable& hits_;
  std::vector<std::uint64_t> key_;
};

// The range along the precision axis is the one that the file stores for a bucket, and otherwise
// that of its hits: the feature bucket_density divides by it.
struct Group {
  std::uint32_t begin, end;  // in the list of hits
  float y_min, y_max;
};

class NodeBuilder {
 public:
  explicit NodeBuilder(const HitTable& hits)
      : hits_(hits),
        order_(hits),
        without_node_(core::non_finite_hits(hits)),
        in_bucket_(hits.size(), 0) {}

  void add_buckets(const core::BucketTable& buckets) {
    hit_.reserve(buckets.hits.size());
    groups_.reserve(buckets.size());
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      if (!add_hits(buckets.hits_of(b))) continue;
      Group& group = groups_.back();
      if (std::isfinite(buckets.x_min[b]) && std::isfinite(buckets.x_max[b])) {
        group.y_min = buckets.x_min[b];
        group.y_max = buckets.x_max[b];
      }
    }
  }

  void add_sectors() {
    std::vector<std::vector<std::uint32_t>> sectors(core::n_sectors);
    for (std::uint32_t i = 0; i < hits_.size(); ++i)
      sectors[static_cast<std::size_t>(core::sector(hits_, i) - 1)].push_back(i);
    for (const auto& hits : sectors) add_hits(hits);
  }

  void add_event() {
    std::vector<std::uint32_t> all(hits_.size());
    std::iota(all.begin(), all.end(), 0U);
    add_hits(all);
  }

  // A hit in no bucket is a group of its own, so that it gets a score too.
  void add_single_hits() {
    for (std::uint32_t i = 0; i < hits_.size(); ++i)
      if (in_bucket_[i] == 0) add_hits({&i, 1});
  }

  // Groups are sorted by their hits and not by their position in the file, so neither the order of
  // the hits nor that of the buckets changes the order of the nodes.
  [[nodiscard]] NodeTable take() {
    std::stable_sort(groups_.begin(), groups_.end(),
                     [this](const Group& a, const Group& b) { return group_before(a, b); });
    NodeTable nodes;
    nodes.hit.reserve(hit_.size());
    nodes.offsets.reserve(groups_.size() + 1);
    nodes.offsets.push_back(0);
    for (const Group& group : groups_) {
      nodes.hit.insert(nodes.hit.end(), hit_.begin() + group.begin, hit_.begin() + group.end);
      nodes.offsets.push_back(static_cast<std::uint32_t>(nodes.hit.size()));
      nodes.y_min.push_back(group.y_min);
      nodes.y_max.push_back(group.y_max);
    }
    return nodes;
  }

 private:
  // Makes a group of the hits that can have a node; a hit listed twice counts once. Returns false
  // if no hit is left.
  bool add_hits(std::span<const std::uint32_t> hits) {
    const auto begin = hit_.size();
    for (const std::uint32_t hit : hits) {
      if (without_node_[hit] != 0) continue;
      hit_.push_back(hit);
      in_bucket_[hit] = 1;
    }
    const auto first = hit_.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(first, hit_.end(),
              [this](std::uint32_t a, std::uint32_t b) { return order_.before(a, b); });
    hit_.erase(std::unique(first, hit_.end()), hit_.end());
    if (hit_.size() == begin) return false;
    const auto [low, high] = std::minmax_element(
        first, hit_.end(), [this](auto a, auto b) { return hits_.local_y[a] < hits_.local_y[b]; });
    groups_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(hit_.size()),
                       hits_.local_y[*low], hits_.local_y[*high]});
    return true;
  }

  [[nodiscard]] bool group_before(const Group& a, const Group& b) const {
    const std::uint32_t common = std::min(a.end - a.begin, b.end - b.begin);
    for (std::uint32_t i = 0; i < common; ++i) {
      const int order = order_.compare(hit_[a.begin + i], hit_[b.begin + i]);
      if (order != 0) return order < 0;
    }
    if (a.end - a.begin != b.end - b.begin) return a.end - a.begin < b.end - b.begin;
    return a.y_min != b.y_min ? a.y_min < b.y_min : a.y_max < b.y_max;
  }

  const HitTable& hits_;
  CanonicalOrder order_;
  std::vector<std::uint8_t> without_node_, in_bucket_;
  std::vector<std::uint32_t> hit_;
  std::vector<Group> groups_;
};

void add_bucket_groups(NodeBuilder& builder, const core::Event& event, const GraphConfig& config) {
  const bool from_file = config.buckets == BucketSource::file ||
                         (config.buckets == BucketSource::automatic && event.buckets.size() > 0);
  if (from_file) {
    builder.add_buckets(event.buckets);
  } else {
    builder.add_buckets(core::build_buckets(event.hits));
  }
  builder.add_single_hits();
}

}  // namespace

NodeTable make_nodes(const core::Event& event, const GraphConfig& config) {
  check(config);
  NodeBuilder builder(event.hits);
  if (config.grouping == Grouping::sector) {
    builder.add_sectors();
  } else if (config.grouping == Grouping::event) {
    builder.add_event();
  } else {
    add_bucket_groups(builder, event, config);
  }
  return builder.take();
}

std::vector<float> hit_scores(const NodeTable& nodes, std::span<const float> node_logits,
                              std::size_t n_hits) {
  assert(node_logits.size() == nodes.size());
  // A hit with several nodes has the largest of their logits. A logit that is not finite counts
  // like a hit without node, because NaN would otherwise depend on the order of the comparisons.
  constexpr float none = -std::numeric_limits<float>::infinity();
  std::vector<float> scores(n_hits, none);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const float logit = std::isfinite(node_logits[i]) ? node_logits[i] : score_without_node;
    float& score = scores[nodes.hit[i]];
    score = std::max(score, logit);
  }
  std::replace(scores.begin(), scores.end(), none, score_without_node);
  return scores;
}

}  // namespace stationhit::graph
