// Every column that is there becomes a function that copies its part into an event.
#include "full_events.hpp"

#include <algorithm>
#include <limits>

#include <stationhit/core/errors.hpp>

namespace stationhit::python {
namespace {

using Offsets = std::span<const std::int64_t>;

std::size_t count(Offsets offsets, std::size_t i) {
  return static_cast<std::size_t>(offsets[i + 1] - offsets[i]);
}

// The rows of a column that all events have, by their offsets.
template <class T>
std::span<const T> read_rows(const nb::dict& columns, const std::string& name, Offsets offsets,
                             Arrays& arrays) {
  const auto values = arrays.read<T>(columns[name.c_str()], name);
  if (values.size() == static_cast<std::size_t>(offsets.back())) return values;
  const std::string message = name + " has " + std::to_string(values.size()) +
                              " values, expected " + std::to_string(offsets.back());
  throw nb::value_error(message.c_str());
}

}  // namespace

std::span<const std::int64_t> read_offsets(nb::handle given, const char* name, std::size_t n_rows,
                                           Arrays& arrays) {
  const auto offsets = arrays.read<std::int64_t>(given, name);
  if (offsets.empty() || offsets.front() != 0 || !std::ranges::is_sorted(offsets) ||
      static_cast<std::uint64_t>(offsets.back()) != n_rows) {
    const std::string message = std::string(name) +
                                " does not ascend from 0 to the number of rows, " +
                                std::to_string(n_rows);
    throw nb::value_error(message.c_str());
  }
  return offsets;
}

void count_entries(std::span<const std::int64_t> entries, std::size_t first, std::size_t last,
                   std::size_t i, std::vector<std::uint32_t>& offsets) {
  const std::int64_t n = entries[last] - entries[first];
  if (n > std::numeric_limits<std::int32_t>::max())
    throw core::DataError("event " + std::to_string(i) + ": bucket_spacePoints has " +
                          std::to_string(n) + " entries, expected fewer than 2^31");
  offsets.clear();
  for (std::size_t b = first; b <= last; ++b)
    offsets.push_back(static_cast<std::uint32_t>(entries[b] - entries[first]));
}

FullEvents::FullEvents(const nb::dict& columns, const nb::dict& offsets) {
  const auto read = [&](const char* table) {
    const auto given = arrays_.read<std::int64_t>(offsets[table], table);
    const std::size_t n_rows = given.empty() ? 0 : static_cast<std::size_t>(given.back());
    return read_offsets(offsets[table], table, n_rows, arrays_);
  };
  hits_ = read("hits");
  muons_ = read("muons");
  buckets_ = read("buckets");
  if (hits_.size() != muons_.size() || hits_.size() != buckets_.size())
    throw nb::value_error("hits, muons and buckets are of different numbers of events");
  size_ = hits_.size() - 1;
  add_header(columns, "runNumber", &core::EventHeader::run_number);
  add_header(columns, "eventNumber", &core::EventHeader::event_number);
  add_header(columns, "lbNumber", &core::EventHeader::lb_number);
  add_header(columns, "bcid", &core::EventHeader::bcid);
  add_header(columns, "mcChannelNumber", &core::EventHeader::mc_channel_number);
  add_header(columns, "mcEventWeight", &core::EventHeader::mc_event_weight);
  // Tables whose columns are vectors of the event.
  const auto add_table = [&](const std::string& prefix, auto table, Offsets rows) {
    return [&, prefix, table, rows]<class Table, class T>(const char* column,
                                                          std::vector<T> Table::*member) {
      const std::string name = prefix + column;
      if (!columns.contains(name.c_str())) return;
      const auto values = read_rows<T>(columns, name, rows, arrays_);
      copies_.emplace_back([=](std::size_t i, core::Event& event) {
        const auto part = values.subspan(static_cast<std::size_t>(rows[i]), count(rows, i));
        (event.*table.*member).assign(part.begin(), part.end());
      });
    };
  };
  core::for_each_hit_column(add_table("spacePoint_", &core::Event::hits, hits_));
  core::for_each_muon_column(add_table("truthMuon_", &core::Event::muons, muons_));
  core::for_each_bucket_column(add_table("bucket_", &core::Event::buckets, buckets_));
  add_buckets(columns, offsets);
}

template <class T>
void FullEvents::add_header(const nb::dict& columns, const char* name,
                            T core::EventHeader::*member) {
  if (!columns.contains(name)) return;
  const auto values = arrays_.read<T>(columns[name], name);
  if (values.size() != size_)
    throw nb::value_error((std::string(name) + " has another number of events").c_str());
  copies_.emplace_back(
      [=](std::size_t i, core::Event& event) { event.header.*member = values[i]; });
}

void FullEvents::add_buckets(const nb::dict& columns, const nb::dict& offsets) {
  const std::string name = "bucket_spacePoints";
  const auto lists = arrays_.read<std::uint32_t>(columns[name.c_str()], name);
  entries_ = read_offsets(offsets["entries"], "entries", lists.size(), arrays_);
  if (entries_.size() != static_cast<std::size_t>(buckets_.back()) + 1)
    throw nb::value_error("entries are of another number of buckets");
  copies_.emplace_back([this, lists](std::size_t i, core::Event& event) {
    const auto first = static_cast<std::size_t>(buckets_[i]);
    const auto last = static_cast<std::size_t>(buckets_[i + 1]);
    core::BucketTable& table = event.buckets;
    count_entries(entries_, first, last, i, table.offsets);
    const auto part = lists.subspan(static_cast<std::size_t>(entries_[first]),
                                    static_cast<std::size_t>(entries_[last] - entries_[first]));
    table.hits.assign(part.begin(), part.end());
  });
}

void FullEvents::get(std::size_t i, core::Event& event) const {
  event = {};
  core::resize(event.hits, count(hits_, i));
  core::resize(event.muons, count(muons_, i));
  core::for_each_bucket_column(
      [&](const char*, auto member) { (event.buckets.*member).resize(count(buckets_, i)); });
  for (const Copy& copy : copies_) copy(i, event);
  core::check_consistency(event, "entry " + std::to_string(i));
}

}  // namespace stationhit::python
