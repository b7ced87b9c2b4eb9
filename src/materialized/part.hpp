// A part: the events of one shard as tensors (listed in docs/data.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/materialized/manifest.hpp>

namespace stationhit::materialized {

// Array is std::vector for writing and std::span for reading. N nodes, G groups, E events, B
// buckets.
template <template <class> class Array>
struct PartTensors {
  Array<float> features;          // [N, F]
  Array<std::int32_t> neighbors;  // [N, k]
  Array<std::uint8_t> labels;     // [N]
  Array<std::uint32_t> hit;       // [N] of the event
  Array<std::uint32_t> slots;     // [N] position in the group
  Array<std::uint32_t> offsets;   // [G + E] NodeTable::offsets of the events, one after the other
  Array<std::uint64_t> event_number;  // [E]
  Array<std::uint64_t> event_nodes, event_groups, event_hits,
      event_muons;                 // [E + 1] first row of each event, last: number of rows
  Array<std::int8_t> truth_link;   // [n_hits]
  Array<std::uint8_t> technology;  // [n_hits]
  Array<float> muon_pt, muon_eta, muon_phi;  // [n_muons]
  // Since format 2, the places of core::EventTruth:
  Array<std::int32_t> muon_q;         // [n_muons]
  Array<std::uint8_t> station_index;  // [n_hits]
  Array<std::int8_t> station_eta;
  Array<std::uint8_t> station_phi, layer;
  Array<std::uint64_t> event_buckets;   // [E + 1] first bucket of each event, last: B
  Array<std::uint64_t> bucket_offsets;  // [B + 1] first entry of each bucket in bucket_hits
  Array<std::uint32_t> bucket_hits;     // of the event
  // Since format 3:
  Array<std::uint32_t> mc_channel_number;  // [E]

  // Calls visit(name in the file, array) for every tensor of format 1.
  template <class Self, class Visitor>
  static void for_each(Self& self, Visitor&& visit) {
    visit("features", self.features);
    visit("neighbours", self.neighbors);
    visit("labels", self.labels);
    visit("hit", self.hit);
    visit("slots", self.slots);
    visit("offsets", self.offsets);
    visit("event_number", self.event_number);
    visit("event_nodes", self.event_nodes);
    visit("event_groups", self.event_groups);
    visit("event_hits", self.event_hits);
    visit("event_muons", self.event_muons);
    visit("truth_link", self.truth_link);
    visit("technology", self.technology);
    visit("muon_pt", self.muon_pt);
    visit("muon_eta", self.muon_eta);
    visit("muon_phi", self.muon_phi);
  }

  // The tensors since format 2.
  template <class Self, class Visitor>
  static void for_each_place(Self& self, Visitor&& visit) {
    visit("muon_q", self.muon_q);
    visit("station_index", self.station_index);
    visit("station_eta", self.station_eta);
    visit("station_phi", self.station_phi);
    visit("layer", self.layer);
    visit("event_buckets", self.event_buckets);
    visit("bucket_offsets", self.bucket_offsets);
    visit("bucket_hits", self.bucket_hits);
  }

  // The tensor since format 3.
  template <class Self, class Visitor>
  static void for_each_process(Self& self, Visitor&& visit) {
    visit("mc_channel_number", self.mc_channel_number);
  }
};

template <class T>
using Column = std::vector<T>;
template <class T>
using View = std::span<const T>;

class PartBuilder {
 public:
  PartBuilder();
  void add(const features::LabeledEvent& event);
  // Written aside and renamed. `fingerprint`: of what the part was made from and with, kept in the
  // file. Throws DataError.
  void write(const std::filesystem::path& path, const Settings& settings,
             const std::string& fingerprint) const;

 private:
  void add_nodes(const features::EventInputs& inputs);
  void add_truth(const core::EventTruth& truth);
  void add_places(const core::EventTruth& truth);

  PartTensors<Column> tensors_;
};

// A part mapped into memory.
class Part {
 public:
  // Reads the whole file and compares it with its checksum. `format`: of its manifest. Throws
  // DataError naming the file: missing, damaged, tensors that do not fit each other.
  Part(const std::filesystem::path& path, const Settings& settings, int format);

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const std::string& checksum() const { return file_.checksum(); }
  [[nodiscard]] features::LabeledEvent event(std::size_t index) const;
  // As data::SafetensorsFile.
  void drop_pages() const { file_.drop_pages(); }

 private:
  void check_shapes() const;
  void check_places() const;
  void require(bool fits, const std::string& tensor) const;
  // first: of n_entries things the first of n_rows rows, and n_rows.
  void require_rows(View<std::uint64_t> first, std::size_t n_entries, std::size_t n_rows,
                    const std::string& tensor) const;
  void add_places(core::EventTruth& truth, std::size_t index) const;

  data::SafetensorsFile file_;
  std::vector<std::string> features_;
  std::size_t k_;
  bool has_places_, has_processes_;
  PartTensors<View> tensors_;
  Counts counts_;
};

// The fingerprint in a part; "" if there is none. Throws DataError naming the file if its header
// is damaged.
[[nodiscard]] std::string fingerprint_of(const std::filesystem::path& part);

}  // namespace stationhit::materialized
