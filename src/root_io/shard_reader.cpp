// The columns of an internal event are bound to the fields of the RNTuple once per shard. Reading
// fills them in place, and next() swaps this event with the caller's: the addresses of the vectors
// stay, and both keep their memory, so nothing is allocated per event.
#include <algorithm>

#include <ROOT/RField.hxx>
#include <ROOT/RNTupleModel.hxx>

#include <stationhit/root_io/shards.hpp>

#include "open_shard.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {

struct ShardReader::Impl {
  std::vector<std::filesystem::path> shards;
  std::vector<std::uint64_t> offsets{0};  // [shards + 1] first event of each shard
  std::uint64_t first_event = 0, next_event = 0, end_event = 0;
  std::size_t current = 0;
  std::uint64_t entry_number = 0;
  core::Event event;  // what the entry is bound to
  BucketLists lists;
  std::unique_ptr<ROOT::RNTupleReader> reader;
  std::unique_ptr<ROOT::REntry> entry;

  void scan();
  void open(std::size_t shard);
  void read(std::uint64_t event_index);
  [[nodiscard]] std::string where() const {
    return shards[current].string() + ", event " + std::to_string(entry_number);
  }
};

// Only the headers are read, to know which event is in which shard.
void ShardReader::Impl::scan() {
  for (const auto& path : shards) {
    auto opened = open_shard(path);
    offsets.push_back(offsets.back() + opened->GetNEntries());
  }
}

void ShardReader::Impl::open(std::size_t shard) {
  entry.reset();
  reader = open_shard(shards[shard]);
  current = shard;
  guarded(shards[shard], [&] {
    entry = reader->GetModel().CreateBareEntry();
    for_each_field(event, lists,
                   [&](const std::string& name, auto& value) { entry->BindRawPtr(name, &value); });
  });
}

void ShardReader::Impl::read(std::uint64_t event_index) {
  if (reader == nullptr || event_index < offsets[current] || event_index >= offsets[current + 1]) {
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), event_index);
    open(static_cast<std::size_t>(after - offsets.begin()) - 1);
  }
  entry_number = event_index - offsets[current];
  guarded(shards[current], [&] { reader->LoadEntry(entry_number, *entry); });
  lengths_to_offsets(lists, event.buckets);
  core::check_consistency(event, where());
}

ShardReader::ShardReader(std::vector<std::filesystem::path> shards, EventRange range)
    : impl_(std::make_unique<Impl>()) {
  impl_->shards = std::move(shards);
  impl_->scan();
  const std::uint64_t total = impl_->offsets.back();
  impl_->first_event = impl_->next_event = std::min(range.first, total);
  impl_->end_event = impl_->first_event + std::min(range.count, total - impl_->first_event);
}

ShardReader::~ShardReader() = default;

bool ShardReader::next(core::Event& event) {
  if (impl_->next_event == impl_->end_event) return false;
  impl_->read(impl_->next_event++);
  std::swap(event, impl_->event);  // the entry is bound to the vectors' addresses, which stay; both
                                   // keep their memory
  return true;
}

std::string ShardReader::where() const { return impl_->where(); }
std::optional<std::uint64_t> ShardReader::size() const {
  return impl_->end_event - impl_->first_event;
}

}  // namespace stationhit::root_io
