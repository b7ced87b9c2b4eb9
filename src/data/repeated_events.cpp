// Events are known by a 64-bit hash. A table with open addressing finds a repeated one as soon as
// its chunk is done, long before the last chunk; only then the lists of the chunks are searched for
// the place of the other one. Files with equal checksums are found before anything is read.
#include "repeated_events.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>

namespace stationhit::data {

std::uint64_t identify_event(const core::Event& event) {
  if (event.hits.size() == 0) return 0;
  core::Hasher hasher;
  hasher.add(std::uint64_t{event.header.run_number});
  hasher.add(event.header.event_number);
  core::for_each_hit_column(
      [&](const char*, auto member) { hasher.add(std::as_bytes(std::span(event.hits.*member))); });
  return std::max<std::uint64_t>(hasher.value(), 1);
}

EventRegister::EventRegister(const PreparePlan& plan, DuplicateInputs duplicates)
    : plan_(plan), duplicates_(duplicates), events_(plan.chunks.size()) {
  // A power of two, so that a mask gives the place; at most two thirds of it are used.
  table_.resize(std::bit_ceil(std::max<std::uint64_t>(plan.n_entries() * 3 / 2, 1) + 1));
}

void EventRegister::add(std::size_t chunk, std::vector<std::uint64_t> events) {
  const std::scoped_lock lock(mutex_);
  events_[chunk] = std::move(events);
  if (duplicates_ == DuplicateInputs::keep_first) return;
  for (std::size_t position = 0; position < events_[chunk].size(); ++position) {
    const std::uint64_t event = events_[chunk][position];
    if (event != 0 && !insert(event)) refuse(chunk, position);
  }
}

std::vector<std::vector<std::uint32_t>> EventRegister::find_repeated() {
  std::vector<std::size_t> order(events_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Stable: chunks of a file are in the order of its entries.
  std::ranges::stable_sort(order, [this](std::size_t a, std::size_t b) {
    return comes_first(plan_.files[plan_.chunks[a].file], plan_.files[plan_.chunks[b].file]);
  });
  const std::scoped_lock lock(mutex_);
  std::ranges::fill(table_, 0);
  std::vector<std::vector<std::uint32_t>> repeated(events_.size());
  for (const std::size_t chunk : order)
    for (std::uint32_t position = 0; position < events_[chunk].size(); ++position) {
      const std::uint64_t event = events_[chunk][position];
      if (event != 0 && !insert(event)) repeated[chunk].push_back(position);
    }
  return repeated;
}

bool EventRegister::insert(std::uint64_t event) {
  const std::size_t mask = table_.size() - 1;
  std::size_t place = event & mask;
  for (; table_[place] != 0; place = (place + 1) & mask)
    if (table_[place] == event) return false;
  table_[place] = event;
  return true;
}

void EventRegister::refuse(std::size_t chunk, std::size_t position) const {
  const std::uint64_t event = events_[chunk][position];
  for (std::size_t other = 0; other < events_.size(); ++other) {
    const auto found = std::ranges::find(events_[other], event);
    const auto at = static_cast<std::size_t>(found - events_[other].begin());
    if (found == events_[other].end() || (other == chunk && at == position)) continue;
    const bool is_first = std::pair(other, at) < std::pair(chunk, position);
    const std::string places = is_first ? place(other, at) + " and " + place(chunk, position)
                                        : place(chunk, position) + " and " + place(other, at);
    throw RepeatedEvent({plan_.chunks[other].file, plan_.chunks[chunk].file},
                        places +
                            " are the same event (equal run and event number, equal hits), which "
                            "would be in training and test; give every event once and remove the "
                            "unfinished output folder, or let --allow-duplicates keep the first");
  }
  throw core::DataError(place(chunk, position) + ": the event is in the input twice");
}

std::string EventRegister::place(std::size_t chunk, std::size_t position) const {
  const Chunk& of = plan_.chunks[chunk];
  return plan_.files[of.file].path.string() + ", entry " + std::to_string(of.first + position);
}

}  // namespace stationhit::data
