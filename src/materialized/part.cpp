// A part is one safetensors file. Per-node, per-group and per-hit values of all events are
// concatenated, and the event_* arrays give the first row of every event, so an event is cut out by
// slicing the mapped file. On opening, the checksum covers the content; only the sizes that slicing
// relies on are checked separately.
#include "part.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

#include <stationhit/core/errors.hpp>

namespace stationhit::materialized {
namespace {

constexpr const char* fingerprint_key = "fingerprint";

template <class T>
void extend(std::vector<T>& column, const std::vector<T>& values) {
  column.insert(column.end(), values.begin(), values.end());
}

struct RowRange {
  std::size_t begin, end;
};

RowRange find_rows(View<std::uint64_t> first, std::size_t event) {
  return {first[event], first[event + 1]};
}

// Copies the rows of the range; each row has `width` values.
template <class T>
std::vector<T> cut(View<T> values, RowRange range, std::size_t width = 1) {
  const auto part = values.subspan(range.begin * width, (range.end - range.begin) * width);
  return {part.begin(), part.end()};
}

}  // namespace

PartBuilder::PartBuilder() {
  // Each of these arrays has one entry more than there are events, so that event e is [first[e],
  // first[e + 1]).
  for (auto* first :
       {&tensors_.event_nodes, &tensors_.event_groups, &tensors_.event_hits, &tensors_.event_muons})
    first->push_back(0);
  tensors_.event_buckets.push_back(0);
  tensors_.bucket_offsets.push_back(0);
}

void PartBuilder::add(const features::LabeledEvent& event) {
  add_nodes(event.inputs);
  extend(tensors_.labels, event.labels);
  add_truth(event.truth);
}

void PartBuilder::add_nodes(const features::EventInputs& inputs) {
  const graph::NodeTable& nodes = inputs.nodes;
  extend(tensors_.features, inputs.features.values);
  extend(tensors_.neighbors, inputs.neighbors.index);
  extend(tensors_.hit, nodes.hit);
  extend(tensors_.offsets, nodes.offsets);
  for (std::size_t group = 0; group < nodes.n_groups(); ++group) {
    for (std::uint32_t slot = 0; slot < nodes.offsets[group + 1] - nodes.offsets[group]; ++slot)
      tensors_.slots.push_back(slot);
  }
  tensors_.event_nodes.push_back(tensors_.hit.size());
  tensors_.event_groups.push_back(tensors_.event_groups.back() + nodes.n_groups());
}

void PartBuilder::add_truth(const core::EventTruth& truth) {
  tensors_.event_number.push_back(truth.event_number);
  tensors_.mc_channel_number.push_back(truth.mc_channel_number);
  extend(tensors_.truth_link, truth.truth_link);
  extend(tensors_.technology, truth.technology);
  extend(tensors_.muon_pt, truth.muon_pt);
  extend(tensors_.muon_eta, truth.muon_eta);
  extend(tensors_.muon_phi, truth.muon_phi);
  tensors_.event_hits.push_back(tensors_.truth_link.size());
  tensors_.event_muons.push_back(tensors_.muon_pt.size());
  add_places(truth);
}

void PartBuilder::add_places(const core::EventTruth& truth) {
  extend(tensors_.muon_q, truth.muon_q);
  extend(tensors_.station_index, truth.station_index);
  extend(tensors_.station_eta, truth.station_eta);
  extend(tensors_.station_phi, truth.station_phi);
  extend(tensors_.layer, truth.layer);
  const std::uint64_t first = tensors_.bucket_hits.size();
  for (std::size_t bucket = 1; bucket < truth.bucket_offsets.size(); ++bucket)
    tensors_.bucket_offsets.push_back(first + truth.bucket_offsets[bucket]);
  extend(tensors_.bucket_hits, truth.bucket_hits);
  tensors_.event_buckets.push_back(tensors_.bucket_offsets.size() - 1);
}

void PartBuilder::write(const std::filesystem::path& path, const Settings& settings,
                        const std::string& fingerprint) const {
  const auto n_nodes = static_cast<std::int64_t>(tensors_.hit.size());
  const auto k = std::int64_t{graph::table_columns(settings.graph)};
  std::vector<data::NamedTensor> named;
  const auto add = [&]<class T>(std::string_view name, const std::vector<T>& values) {
    std::vector<std::int64_t> shape{static_cast<std::int64_t>(values.size())};
    if (name == "features") shape = {n_nodes, static_cast<std::int64_t>(settings.features.size())};
    if (name == "neighbours") shape = {n_nodes, k};
    // Fully connected graphs have no table. The tensor keeps the spelling of the first version of
    // the format.
    if (name != "neighbours" || k > 0)
      named.push_back({std::string(name), data::view_tensor(std::span<const T>(values), shape)});
  };
  PartTensors<Column>::for_each(tensors_, add);
  PartTensors<Column>::for_each_place(tensors_, add);
  PartTensors<Column>::for_each_process(tensors_, add);
  data::write_safetensors(path, named, {{fingerprint_key, fingerprint}});
}

Part::Part(const std::filesystem::path& path, const Settings& settings, int format)
    : file_(path),
      features_(settings.features),
      k_(static_cast<std::size_t>(graph::table_columns(settings.graph))),
      has_places_(format >= format_with_places),
      has_processes_(format >= format_with_processes) {
  file_.verify_content();
  const auto find = [&]<class T>(const std::string& name, std::span<const T>& values) {
    if (name != "neighbours" || k_ > 0) values = file_.values<T>(name);
  };
  PartTensors<View>::for_each(tensors_, find);
  if (has_places_) PartTensors<View>::for_each_place(tensors_, find);
  if (has_processes_) PartTensors<View>::for_each_process(tensors_, find);
  counts_.events = tensors_.event_number.size();
  counts_.hits = tensors_.truth_link.size();
  counts_.muons = tensors_.muon_pt.size();
  counts_.groups = tensors_.event_groups.empty() ? 0 : tensors_.event_groups.back();
  counts_.nodes = tensors_.hit.size();
  counts_.signal_nodes =
      static_cast<std::uint64_t>(std::count(tensors_.labels.begin(), tensors_.labels.end(), 1));
  check_shapes();
}

void Part::require(bool fits, const std::string& tensor) const {
  if (!fits)
    throw core::DataError(file_.path().string() + ": the tensor '" + tensor +
                          "' does not fit the others");
}

void Part::require_rows(View<std::uint64_t> first, std::size_t n_entries, std::size_t n_rows,
                        const std::string& tensor) const {
  require(first.size() == n_entries + 1 && first.front() == 0 && first.back() == n_rows &&
              std::is_sorted(first.begin(), first.end()),
          tensor);
}

// Checks everything that slicing an event relies on; the checksum covers the content of the
// tensors.
void Part::check_shapes() const {
  require_rows(tensors_.event_nodes, counts_.events, counts_.nodes, "event_nodes");
  require_rows(tensors_.event_groups, counts_.events, counts_.groups, "event_groups");
  require_rows(tensors_.event_hits, counts_.events, counts_.hits, "event_hits");
  require_rows(tensors_.event_muons, counts_.events, counts_.muons, "event_muons");
  require(tensors_.features.size() == counts_.nodes * features_.size(), "features");
  require(tensors_.neighbors.size() == counts_.nodes * k_, "neighbours");
  require(tensors_.labels.size() == counts_.nodes, "labels");
  require(tensors_.slots.size() == counts_.nodes, "slots");
  require(tensors_.offsets.size() == counts_.groups + counts_.events, "offsets");
  require(tensors_.technology.size() == counts_.hits, "technology");
  require(tensors_.muon_eta.size() == counts_.muons && tensors_.muon_phi.size() == counts_.muons,
          "muon_eta, muon_phi");
  if (has_places_) check_places();
  if (has_processes_)
    require(tensors_.mc_channel_number.size() == counts_.events, "mc_channel_number");
}

void Part::check_places() const {
  const std::size_t n_buckets =
      tensors_.bucket_offsets.empty() ? 0 : tensors_.bucket_offsets.size() - 1;
  require_rows(tensors_.event_buckets, counts_.events, n_buckets, "event_buckets");
  require_rows(tensors_.bucket_offsets, n_buckets, tensors_.bucket_hits.size(), "bucket_offsets");
  require(tensors_.muon_q.size() == counts_.muons, "muon_q");
  for (const auto& [column, name] :
       {std::pair{tensors_.station_index, "station_index"},
        std::pair{tensors_.station_phi, "station_phi"}, std::pair{tensors_.layer, "layer"}})
    require(column.size() == counts_.hits, name);
  require(tensors_.station_eta.size() == counts_.hits, "station_eta");
}

features::LabeledEvent Part::event(std::size_t index) const {
  const RowRange nodes = find_rows(tensors_.event_nodes, index),
                 groups = find_rows(tensors_.event_groups, index);
  const RowRange hits = find_rows(tensors_.event_hits, index),
                 muons = find_rows(tensors_.event_muons, index);
  features::LabeledEvent event;
  event.inputs.nodes.hit = cut(tensors_.hit, nodes);
  event.inputs.nodes.offsets =
      // Every event before this one added one offset more than it has groups, hence the shift by
      // its index.
      cut(tensors_.offsets, {groups.begin + index, groups.end + index + 1});
  event.inputs.features = {features_, cut(tensors_.features, nodes, features_.size())};
  event.inputs.neighbors = {static_cast<std::int32_t>(k_), cut(tensors_.neighbors, nodes, k_)};
  event.labels = cut(tensors_.labels, nodes);
  core::EventTruth& truth = event.truth;
  truth.event_number = tensors_.event_number[index];
  if (has_processes_) truth.mc_channel_number = tensors_.mc_channel_number[index];
  truth.truth_link = cut(tensors_.truth_link, hits);
  truth.technology = cut(tensors_.technology, hits);
  truth.muon_pt = cut(tensors_.muon_pt, muons);
  truth.muon_eta = cut(tensors_.muon_eta, muons);
  truth.muon_phi = cut(tensors_.muon_phi, muons);
  if (has_places_) add_places(truth, index);
  return event;
}

void Part::add_places(core::EventTruth& truth, std::size_t index) const {
  const RowRange hits = find_rows(tensors_.event_hits, index),
                 muons = find_rows(tensors_.event_muons, index),
                 buckets = find_rows(tensors_.event_buckets, index);
  truth.muon_q = cut(tensors_.muon_q, muons);
  truth.station_index = cut(tensors_.station_index, hits);
  truth.station_eta = cut(tensors_.station_eta, hits);
  truth.station_phi = cut(tensors_.station_phi, hits);
  truth.layer = cut(tensors_.layer, hits);
  const std::uint64_t first = tensors_.bucket_offsets[buckets.begin];
  for (std::size_t bucket = buckets.begin; bucket <= buckets.end; ++bucket)
    truth.bucket_offsets.push_back(
        static_cast<std::uint32_t>(tensors_.bucket_offsets[bucket] - first));
  truth.bucket_hits = cut(tensors_.bucket_hits, {first, tensors_.bucket_offsets[buckets.end]});
}

std::string fingerprint_of(const std::filesystem::path& part) {
  const data::SafetensorsFile file(part);
  const auto found = file.metadata().find(fingerprint_key);
  return found == file.metadata().end() ? "" : found->second;
}

}  // namespace stationhit::materialized
