#include <algorithm>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/materialized/part_events.hpp>

#include "part.hpp"

namespace stationhit::materialized {
namespace {

// First rows of the events, as far as slicing relies on them: of a file whose content is not
// verified they may be anything.
View<std::uint64_t> first_rows(const data::SafetensorsFile& part, std::size_t n_rows) {
  const auto first = part.values<std::uint64_t>("event_hits");
  const std::size_t events = part.values<std::uint64_t>("event_number").size();
  if (first.size() == events + 1 && std::ranges::is_sorted(first) && first.back() == n_rows)
    return first;
  throw core::DataError(part.path().string() + ": the tensor 'event_hits' does not fit the others");
}

// The columns of core::hash_places.
class PlaceColumns {
 public:
  explicit PlaceColumns(const data::SafetensorsFile& part)
      : technology_(part.values<std::uint8_t>("technology")),
        station_index_(of_hits<std::uint8_t>(part, "station_index")),
        station_eta_(of_hits<std::int8_t>(part, "station_eta")),
        station_phi_(of_hits<std::uint8_t>(part, "station_phi")),
        layer_(of_hits<std::uint8_t>(part, "layer")),
        first_(first_rows(part, technology_.size())) {}

  [[nodiscard]] std::uint64_t hash(std::size_t event) const {
    const std::size_t first = first_[event], n = first_[event + 1] - first;
    return core::hash_places(technology_.subspan(first, n), station_index_.subspan(first, n),
                             station_eta_.subspan(first, n), station_phi_.subspan(first, n),
                             layer_.subspan(first, n));
  }

 private:
  template <class T>
  [[nodiscard]] View<T> of_hits(const data::SafetensorsFile& part, const std::string& name) const {
    const View<T> values = part.values<T>(name);
    if (values.size() == technology_.size()) return values;
    throw core::DataError(part.path().string() + ": the tensor '" + name +
                          "' does not fit the others");
  }

  View<std::uint8_t> technology_, station_index_;
  View<std::int8_t> station_eta_;
  View<std::uint8_t> station_phi_, layer_;
  View<std::uint64_t> first_;
};

void append_keys(const data::SafetensorsFile& part, std::vector<core::EventKey>& keys) {
  const auto numbers = part.values<std::uint64_t>("event_number");
  const auto first = first_rows(part, part.values<std::uint8_t>("technology").size());
  for (std::size_t event = 0; event < numbers.size(); ++event)
    keys.push_back(
        {numbers[event], 0, static_cast<std::uint32_t>(first[event + 1] - first[event])});
}

}  // namespace

PartEvents::PartEvents(std::filesystem::path folder, Manifest manifest)
    : folder_(std::move(folder)), manifest_(std::move(manifest)) {}

std::vector<core::EventKey> PartEvents::read_keys() const {
  std::vector<core::EventKey> keys;
  for (const PartInfo& part : manifest_.parts)
    append_keys(data::SafetensorsFile(folder_ / part.file), keys);
  return keys;
}

std::vector<std::uint64_t> PartEvents::hash_hits(const std::vector<std::uint64_t>& events) const {
  std::vector<std::uint64_t> hashes;
  std::uint64_t first = 0;  // of the part
  auto next = events.begin();
  for (const PartInfo& part : manifest_.parts) {
    if (next == events.end()) break;
    const data::SafetensorsFile file(folder_ / part.file);
    const PlaceColumns places(file);
    const std::uint64_t end = first + file.values<std::uint64_t>("event_number").size();
    for (; next != events.end() && *next < end; ++next)
      hashes.push_back(places.hash(static_cast<std::size_t>(*next - first)));
    first = end;
  }
  return hashes;
}

}  // namespace stationhit::materialized
