#include "column_hashes.hpp"

#include <array>
#include <bit>
#include <cstdio>
#include <deque>
#include <type_traits>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "shard_columns.hpp"

static_assert(std::endian::native == std::endian::little, "checksums are defined over little-endian values");

namespace stationhit::root_io {
namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

template <class Value>
void update(XXH3_state_t& state, const Value& value) {
  if constexpr (std::is_arithmetic_v<Value>) {
    XXH3_64bits_update(&state, &value, sizeof(value));
  } else {
    const std::uint64_t size = value.size();
    XXH3_64bits_update(&state, &size, sizeof(size));
    if (size != 0) XXH3_64bits_update(&state, value.data(), size * sizeof(typename Value::value_type));
  }
}

}  // namespace

struct ColumnHashes::Impl {
  struct Column {
    std::string name;
    XXH3_state_t state;
  };
  std::deque<Column> columns;  // in the order of for_each_field
  BucketLists lists;
  std::uint64_t events = 0, hits = 0;
};

ColumnHashes::ColumnHashes() : impl_(std::make_unique<Impl>()) {
  const core::Event event;
  for_each_field(event, impl_->lists, [&](const std::string& name, const auto&) {
    Impl::Column& column = impl_->columns.emplace_back();
    column.name = name;
    XXH3_64bits_reset(&column.state);
  });
}

ColumnHashes::~ColumnHashes() = default;

void ColumnHashes::add(const core::Event& event) {
  offsets_to_lengths(event.buckets, impl_->lists);
  auto column = impl_->columns.begin();
  for_each_field(event, impl_->lists, [&](const auto&, const auto& value) { update((column++)->state, value); });
  ++impl_->events;
  impl_->hits += event.hits.size();
}

ShardSummary ColumnHashes::summary(const std::filesystem::path& path) const {
  ShardSummary result{path.filename().string(), impl_->events, impl_->hits, {}};
  for (const auto& column : impl_->columns) result.column_checksums[column.name] = hex(XXH3_64bits_digest(&column.state));
  return result;
}

}  // namespace stationhit::root_io
