// Columns of core::Event, filled from a source whose numbers are of any type.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>

#include "column_source.hpp"
#include "convert.hpp"

namespace stationhit::root_io {

class Column {
 public:
  virtual ~Column() = default;
  // Reads the entry and moves its values to the event. `file` is for messages. Throws as
  // ColumnSource::load does, and for values that the column cannot hold.
  virtual void read(long long entry, const RootMessages& messages, const std::string& file) = 0;
};

template <class Target>
[[nodiscard]] constexpr const char* range_text() {
  if constexpr (std::is_floating_point_v<Target>) return "float32";
  if constexpr (std::is_same_v<Target, std::int8_t>) return "-128..127";
  if constexpr (std::is_same_v<Target, std::uint8_t>) return "0..255";
  if constexpr (std::is_same_v<Target, std::int16_t>) return "-32768..32767";
  if constexpr (std::is_same_v<Target, std::uint16_t>) return "0..65535";
  if constexpr (std::is_same_v<Target, std::int32_t>) return "-2147483648..2147483647";
  if constexpr (std::is_same_v<Target, std::uint32_t>) return "0..4294967295";
  return "0..18446744073709551615";
}

template <class Target, class Stored>
[[noreturn]] void refuse_value(
    const std::string& place, std::size_t i, Stored value,
    const std::string& reason = "the file is damaged or numbers things in another way") {
  throw core::DataError(place + "[" + std::to_string(i) + "] = " + value_text(value) +
                        " is out of range (" + range_text<Target>() + "); " + reason);
}

// vector<Stored> -> vector<Target>. `target` is called at every read, because the event may be
// another one.
template <class Stored, class Target>
class VectorColumn final : public Column {
 public:
  using Get = std::function<std::vector<Target>&()>;
  VectorColumn(SourcePtr<std::vector<Stored>> source, Get target, bool is_link)
      : source_(std::move(source)), target_(std::move(target)), is_link_(is_link) {}

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    std::vector<Stored>& values = source_->load(entry, messages, file);
    if constexpr (std::is_same_v<Stored, Target>) {
      std::swap(target_(), values);  // both keep their memory for the next event
    } else if constexpr (can_hold_large_links<Stored> && std::is_same_v<Target, std::int8_t>) {
      if (is_link_) {
        store(without_large_links(values), entry, file);
      } else {
        store(values, entry, file);
      }
    } else {
      store(values, entry, file);
    }
  }

 private:
  template <class Value>
  void store(const std::vector<Value>& values, long long entry, const std::string& file) {
    const std::size_t bad = first_misfit<Target>(values);
    if (bad != values.size()) refuse(place_of(file, entry, source_->name()), bad, values[bad]);
    convert(values, target_());
  }
  template <class Value>
  [[noreturn]] void refuse(const std::string& place, std::size_t i, Value value) {
    if (!is_link_) refuse_value<Target>(place, i, value);
    refuse_value<Target>(
        place, i, value,
        "events can have 128 truth muons here: leave out such events, or muons without hits "
        "(infer does not read the truth)");
  }

  SourcePtr<std::vector<Stored>> source_;
  Get target_;
  bool is_link_;
};

// Lists of lists -> offsets and hits of the buckets.
template <class Lists>
class BucketHitsColumn final : public Column {
 public:
  using Get = std::function<core::BucketTable&()>;
  BucketHitsColumn(SourcePtr<Lists> source, Get target)
      : source_(std::move(source)), target_(std::move(target)) {}

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    const Lists& lists = source_->load(entry, messages, file);
    core::BucketTable& buckets = target_();
    buckets.offsets.assign(1, 0);
    buckets.hits.clear();
    for (const auto& list : lists) {
      const std::size_t bad = first_misfit<std::uint32_t>(list);
      if (bad != list.size())
        refuse_value<std::uint32_t>(place_of(file, entry, source_->name()), bad, list[bad]);
      for (const auto hit : list) buckets.hits.push_back(static_cast<std::uint32_t>(hit));
      buckets.offsets.push_back(static_cast<std::uint32_t>(buckets.hits.size()));
    }
  }

 private:
  SourcePtr<Lists> source_;
  Get target_;
};

// Lengths and indices, as prepared shards have them -> offsets and hits of the buckets.
class FlatBucketHitsColumn final : public Column {
 public:
  using Get = std::function<core::BucketTable&()>;
  using Source = SourcePtr<std::vector<std::uint32_t>>;
  FlatBucketHitsColumn(Source lengths, Source hits, Get target)
      : lengths_(std::move(lengths)), hits_(std::move(hits)), target_(std::move(target)) {}

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    core::BucketTable& buckets = target_();
    buckets.offsets.assign(1, 0);
    for (const std::uint32_t length : lengths_->load(entry, messages, file))
      buckets.offsets.push_back(buckets.offsets.back() + length);
    std::swap(buckets.hits, hits_->load(entry, messages, file));
  }

 private:
  Source lengths_, hits_;
  Get target_;
};

// Number -> scalar of the event.
template <class Target>
class ScalarColumn final : public Column {
 public:
  using Get = std::function<Target&()>;
  ScalarColumn(SourcePtr<Number> source, Get target)
      : source_(std::move(source)), target_(std::move(target)) {}

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    std::visit(
        [&](auto value) {
          if (!fits<Target>(value))
            refuse_value<Target>(place_of(file, entry, source_->name()), 0, value);
          target_() = static_cast<Target>(value);
        },
        source_->load(entry, messages, file));
  }

 private:
  SourcePtr<Number> source_;
  Get target_;
};

}  // namespace stationhit::root_io
