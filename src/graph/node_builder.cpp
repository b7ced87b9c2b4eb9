// Hits are collected group by group, sorted inside each group, and the groups are sorted by their
// hits at the end. Nearly all comparisons are decided by one 64-bit key that packs the leading
// fields of the canonical order; only equal keys need the full comparison.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/canonical_order.hpp>
#include <stationhit/core/finite_hits.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/graph/node_builder.hpp>
#include <stationhit/kernels/key_order.hpp>

namespace stationhit::graph {
namespace {

using core::HitColumns;

// Compares hits in canonical order. One integer decides most comparisons: it packs technology,
// station, layer, channel and the high byte of secChannel.
class CanonicalOrder {
 public:
  void begin(const HitColumns& hits) {
    hits_ = &hits;
    key_.resize(hits.size());
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

  [[nodiscard]] std::uint64_t key(std::uint32_t hit) const { return key_[hit]; }

  // Negative, 0 or positive, like core::compare_canonical.
  [[nodiscard]] int compare(std::uint32_t a, std::uint32_t b) const {
    if (key_[a] != key_[b]) return key_[a] < key_[b] ? -1 : 1;
    return a == b ? 0 : core::compare_canonical(*hits_, a, b);
  }

  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
    const int order = compare(a, b);
    return order != 0 ? order < 0 : a < b;
  }

  // Sorts different hits, or some that are listed twice.
  void sort(std::span<std::uint32_t> hits) {
    const auto is_before = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
    keys_.resize(hits.size() + kernels::key_slack);
    order_.resize(hits.size());
    unsorted_.assign(hits.begin(), hits.end());
    for (std::size_t i = 0; i < hits.size(); ++i) keys_[i] = key_[hits[i]];
    kernels::order_keys(keys_.data(), order_);
    for (std::size_t i = 0; i < hits.size(); ++i) hits[i] = unsorted_[order_[i]];
    for (std::size_t begin = 0; begin < hits.size();) {
      std::size_t end = begin + 1;
      while (end < hits.size() && keys_[order_[end]] == keys_[order_[begin]]) ++end;
      if (end - begin > 1) std::sort(&hits[begin], hits.data() + end, is_before);
      begin = end;
    }
  }

 private:
  const HitColumns* hits_ = nullptr;
  std::vector<std::uint64_t> key_, keys_;  // of all hits, of a group
  std::vector<std::uint32_t> order_, unsorted_;
};

// The range along the precision axis is the one that the file stores for a bucket, and otherwise
// that of its hits: the feature bucket_density divides by it.
struct Group {
  std::uint32_t begin, end;  // in the list of hits
  float y_min, y_max;
};

}  // namespace

class NodeBuilder::Builder {
 public:
  explicit Builder(const GraphConfig& config) : config_(config) { check(config); }

  void build(const core::EventColumns& event, NodeTable& nodes) {
    begin(event.hits);
    if (config_.grouping == Grouping::sector) {
      add_sectors();
    } else if (config_.grouping == Grouping::event) {
      add_event();
    } else if (config_.buckets == BucketSource::file ||
               (config_.buckets == BucketSource::automatic && event.buckets.size() > 0)) {
      add_buckets(event.buckets);
    } else {
      add_buckets(core::build_buckets(event.hits));
    }
    write(nodes);
  }

 private:
  void begin(const HitColumns& hits) {
    hits_ = &hits;
    order_.begin(hits);
    core::mark_non_finite_hits(hits, without_node_);
    in_bucket_.assign(hits.size(), 0);
    hit_.clear();
    groups_.clear();
  }

  // A hit in no bucket is a group of its own, so that it gets a score too.
  void add_buckets(const core::BucketColumns& buckets) {
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      if (!add_hits(buckets.hits_of(b))) continue;
      Group& group = groups_.back();
      if (buckets.x_min.empty()) continue;
      if (std::isfinite(buckets.x_min[b]) && std::isfinite(buckets.x_max[b])) {
        group.y_min = buckets.x_min[b];
        group.y_max = buckets.x_max[b];
      }
    }
    for (std::uint32_t i = 0; i < hits_->size(); ++i)
      if (in_bucket_[i] == 0) add_hits({&i, 1});
  }

  void add_sectors() {
    sectors_.resize(core::n_sectors);
    for (auto& hits : sectors_) hits.clear();
    for (std::uint32_t i = 0; i < hits_->size(); ++i)
      sectors_[static_cast<std::size_t>(core::sector(*hits_, i) - 1)].push_back(i);
    for (const auto& hits : sectors_) add_hits(hits);
  }

  void add_event() {
    all_.resize(hits_->size());
    std::iota(all_.begin(), all_.end(), 0U);
    add_hits(all_);
  }

  // Makes a group of the hits that can have a node; a hit listed twice counts once. Returns false
  // if no hit is left.
  bool add_hits(std::span<const std::uint32_t> hits) {
    const auto begin = hit_.size();
    for (const std::uint32_t hit : hits) {
      if (without_node_[hit] != 0) continue;
      hit_.push_back(hit);
      in_bucket_[hit] = 1;
    }
    if (hit_.size() == begin) return false;
    order_.sort(std::span(hit_).subspan(begin));
    const auto first = hit_.begin() + static_cast<std::ptrdiff_t>(begin);
    hit_.erase(std::unique(first, hit_.end()), hit_.end());
    Group group{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(hit_.size()),
                hits_->local_y[*first], hits_->local_y[*first]};
    for (auto hit = first; hit != hit_.end(); ++hit) {
      group.y_min = std::min(group.y_min, hits_->local_y[*hit]);
      group.y_max = std::max(group.y_max, hits_->local_y[*hit]);
    }
    groups_.push_back(group);
    return true;
  }

  [[nodiscard]] bool group_before(const Group& a, const Group& b) const {
    const std::uint32_t common = std::min(a.end - a.begin, b.end - b.begin);
    for (std::uint32_t i = 0; i < common; ++i) {
      const int order = order_.compare(hit_[a.begin + i], hit_[b.begin + i]);
      if (order != 0) return order < 0;
    }
    if (a.end - a.begin != b.end - b.begin) return a.end - a.begin < b.end - b.begin;
    if (a.y_min != b.y_min) return a.y_min < b.y_min;
    return a.y_max != b.y_max ? a.y_max < b.y_max : a.begin < b.begin;
  }

  // Groups are sorted by their hits and not by their position in the file, so neither the order of
  // the hits nor that of the buckets changes the order of the nodes.
  void write(NodeTable& nodes) {
    std::sort(groups_.begin(), groups_.end(),
              [this](const Group& a, const Group& b) { return group_before(a, b); });
    nodes.hit.clear();
    nodes.offsets.assign(1, 0);
    nodes.y_min.clear();
    nodes.y_max.clear();
    nodes.hit.reserve(hit_.size());
    for (const Group& group : groups_) {
      nodes.hit.insert(nodes.hit.end(), hit_.begin() + group.begin, hit_.begin() + group.end);
      nodes.offsets.push_back(static_cast<std::uint32_t>(nodes.hit.size()));
      nodes.y_min.push_back(group.y_min);
      nodes.y_max.push_back(group.y_max);
    }
  }

  GraphConfig config_;
  const HitColumns* hits_ = nullptr;
  CanonicalOrder order_;
  std::vector<std::uint8_t> without_node_, in_bucket_;
  std::vector<std::uint32_t> hit_, all_;
  std::vector<std::vector<std::uint32_t>> sectors_;
  std::vector<Group> groups_;
};

NodeBuilder::NodeBuilder(const GraphConfig& config) : builder_(std::make_unique<Builder>(config)) {}
NodeBuilder::~NodeBuilder() = default;
NodeBuilder::NodeBuilder(NodeBuilder&&) noexcept = default;
NodeBuilder& NodeBuilder::operator=(NodeBuilder&&) noexcept = default;

void NodeBuilder::build(const core::EventColumns& event, NodeTable& nodes) {
  builder_->build(event, nodes);
}

NodeTable make_nodes(const core::Event& event, const GraphConfig& config) {
  NodeTable nodes;
  NodeBuilder(config).build(event, nodes);
  return nodes;
}

}  // namespace stationhit::graph
