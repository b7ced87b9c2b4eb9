// Branches of any numeric vector type, read into the columns of core::Event.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include <TBranch.h>
#include <TLeaf.h>

#include <stationhit/core/errors.hpp>

#include "array_sources.hpp"
#include "baskets.hpp"
#include "convert.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {

template <class... Types>
struct TypeList {};

using NumericTypes =
    TypeList<float, double, char, signed char, unsigned char, bool, short, unsigned short, int,
             unsigned int, long, unsigned long, long long, unsigned long long>;
using NestedIndexTypes =
    TypeList<unsigned short, unsigned int, int, unsigned char, short, long, unsigned long>;

// C++ type of the objects in a branch; nullptr for plain leaves and classes without one.
[[nodiscard]] const std::type_info* branch_type(TBranch& branch);

// The leaf of a branch that holds one number per entry; nullptr for other branches.
[[nodiscard]] TLeaf* single_leaf(TBranch& branch);
[[nodiscard]] bool is_floating_leaf(const TLeaf& leaf);

// The type of a branch's content, for messages: "vector<string>", "UInt_t".
[[nodiscard]] std::string branch_type_name(TBranch& branch);

// One branch with a buffer of its own type.
class BranchColumn {
 public:
  explicit BranchColumn(TBranch& branch) : check_(branch) {}
  virtual ~BranchColumn() = default;
  [[nodiscard]] TBranch& branch() const { return check_.branch(); }
  // Reads the entry and moves its values to the column. `file` is for messages.
  virtual void read(long long entry, const RootMessages& messages, const std::string& file) = 0;

 protected:
  // Reads the entry into the buffer. Throws DataError if it is damaged or if ROOT reports a
  // failure, by its result or by a message.
  void load(long long entry, const RootMessages& messages, const std::string& file) const;

  [[nodiscard]] virtual std::string reason_of_misfit() const {
    return "the file is damaged or numbers things in another way";
  }
  [[nodiscard]] std::string place(long long entry, const std::string& file) const {
    return file + ", entry " + std::to_string(entry) + ": branch " + branch().GetName();
  }
  template <class Stored>
  [[noreturn]] void refuse(long long entry, const std::string& file, std::size_t i, Stored value,
                           const char* target) const {
    throw core::DataError(place(entry, file) + "[" + std::to_string(i) +
                          "] = " + value_text(value) + " is out of range (" + target + "); " +
                          reason_of_misfit());
  }

 private:
  BranchCheck check_;
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

// vector<Stored>, or another array of them, -> vector<Target>. `target` is called at every read,
// because the event may be another one.
template <class Stored, class Target>
class VectorColumn final : public BranchColumn {
 public:
  using Get = std::function<std::vector<Target>&()>;
  // `source`: nullptr for a branch that is a std::vector.
  VectorColumn(TBranch& branch, Get target, bool is_link,
               std::unique_ptr<ArraySource<Stored>> source)
      : BranchColumn(branch),
        target_(std::move(target)),
        is_link_(is_link),
        source_(std::move(source)) {
    if (source_ == nullptr) branch.SetAddress(&address_);
  }

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    load(entry, messages, file);
    if (source_ != nullptr) source_->copy(values_);
    if constexpr (std::is_same_v<Stored, Target>) {
      std::swap(target_(), values_);  // both keep their memory for the next event
    } else if constexpr (can_hold_large_links<Stored> && std::is_same_v<Target, std::int8_t>) {
      if (is_link_) {
        store(without_large_links(values_), entry, file);
      } else {
        store(values_, entry, file);
      }
    } else {
      store(values_, entry, file);
    }
  }

 private:
  [[nodiscard]] std::string reason_of_misfit() const override {
    if (!is_link_) return BranchColumn::reason_of_misfit();
    return "events can have 128 truth muons here: leave out such events, or muons without hits "
           "(infer does not read the truth)";
  }
  template <class Value>
  void store(const std::vector<Value>& values, long long entry, const std::string& file) {
    const std::size_t bad = first_misfit<Target>(values);
    if (bad != values.size())
      refuse(entry, file, bad, static_cast<Value>(values[bad]), range_text<Target>());
    convert(values, target_());
  }

  Get target_;
  bool is_link_;
  std::unique_ptr<ArraySource<Stored>> source_;
  std::vector<Stored> values_;
  std::vector<Stored>* address_ = &values_;
};

// Lists of lists -> offsets and hits of the buckets.
template <class Lists>
class BucketHitsColumn final : public BranchColumn {
 public:
  using Get = std::function<core::BucketTable&()>;
  BucketHitsColumn(TBranch& branch, Get target) : BranchColumn(branch), target_(std::move(target)) {
    branch.SetAddress(&address_);
  }

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    load(entry, messages, file);
    core::BucketTable& buckets = target_();
    buckets.offsets.assign(1, 0);
    buckets.hits.clear();
    for (const auto& list : lists_) {
      const std::size_t bad = first_misfit<std::uint32_t>(list);
      if (bad != list.size()) refuse(entry, file, bad, list[bad], range_text<std::uint32_t>());
      for (const auto hit : list) buckets.hits.push_back(static_cast<std::uint32_t>(hit));
      buckets.offsets.push_back(static_cast<std::uint32_t>(buckets.hits.size()));
    }
  }

 private:
  Get target_;
  Lists lists_;
  Lists* address_ = &lists_;
};

namespace detail {

template <class Make, class... Types>
std::unique_ptr<BranchColumn> make_for_type(const std::type_info& type, TypeList<Types...>,
                                            Make&& make) {
  std::unique_ptr<BranchColumn> column;
  (void)((make.template operator()<Types>(type, column)) || ...);
  return column;
}

}  // namespace detail

// nullptr if the branch is not a numeric vector, RVec or C array.
template <class Target>
[[nodiscard]] std::unique_ptr<BranchColumn> make_vector_column(
    TBranch& branch, std::function<std::vector<Target>&()> target, bool is_link = false) {
  const std::type_info* type = branch_type(branch);
  return detail::make_for_type(
      type == nullptr ? typeid(void) : *type, NumericTypes{},
      [&]<class Stored>(const std::type_info& found, std::unique_ptr<BranchColumn>& column) {
        auto source = make_array_source<Stored>(branch, type);
        if (source == nullptr && found != typeid(std::vector<Stored>)) return false;
        column = std::make_unique<VectorColumn<Stored, Target>>(branch, target, is_link,
                                                                std::move(source));
        return true;
      });
}

// nullptr if the branch is not a vector of integer vectors or the same of RVec. `is_narrow`: hit
// indices have at most 16 bits.
[[nodiscard]] std::unique_ptr<BranchColumn> make_bucket_hits_column(
    TBranch& branch, std::function<core::BucketTable&()> target, bool& is_narrow);

// Plain numeric leaf -> scalar of the event.
template <class Target>
class ScalarColumn final : public BranchColumn {
 public:
  using Get = std::function<Target&()>;
  ScalarColumn(TBranch& branch, TLeaf& leaf, Get target)
      : BranchColumn(branch), leaf_(&leaf), target_(std::move(target)) {}

  void read(long long entry, const RootMessages& messages, const std::string& file) override {
    load(entry, messages, file);
    if (is_floating_leaf(*leaf_)) {
      store(leaf_->GetValue(), entry, file);
    } else if (leaf_->IsUnsigned()) {
      store(static_cast<std::uint64_t>(leaf_->GetValueLong64()), entry, file);
    } else {
      store(static_cast<std::int64_t>(leaf_->GetValueLong64()), entry, file);
    }
  }

 private:
  template <class Value>
  void store(Value value, long long entry, const std::string& file) {
    if (!fits<Target>(value)) refuse(entry, file, 0, value, range_text<Target>());
    target_() = static_cast<Target>(value);
  }
  TLeaf* leaf_;
  Get target_;
};

// nullptr if the branch is not a single numeric leaf.
template <class Target>
[[nodiscard]] std::unique_ptr<BranchColumn> make_scalar_column(TBranch& branch,
                                                               std::function<Target&()> target) {
  TLeaf* leaf = single_leaf(branch);
  return leaf == nullptr ? nullptr
                         : std::make_unique<ScalarColumn<Target>>(branch, *leaf, std::move(target));
}

}  // namespace stationhit::root_io
