// Arrays of numbers that are no std::vector: the RVec of RDataFrame, and C arrays with a length in
// another leaf, as uproot writes them. They are copied into a vector entry by entry.
#pragma once

#include <memory>
#include <typeinfo>
#include <vector>

#include <ROOT/RVec.hxx>
#include <TBranch.h>
#include <TLeaf.h>

namespace stationhit::root_io {

// The leaf of a branch that is an array of fixed or variable length; nullptr for other branches.
[[nodiscard]] TLeaf* array_leaf(TBranch& branch);
// The C++ type of the numbers in a leaf; nullptr if they are no numbers.
[[nodiscard]] const std::type_info* leaf_type(const TLeaf& leaf);

template <class Stored>
class ArraySource {
 public:
  virtual ~ArraySource() = default;
  // The values of the entry that the branch read last.
  virtual void copy(std::vector<Stored>& values) const = 0;
};

template <class Stored>
class RVecSource final : public ArraySource<Stored> {
 public:
  explicit RVecSource(TBranch& branch) { branch.SetAddress(&address_); }
  void copy(std::vector<Stored>& values) const override {
    values.assign(buffer_.begin(), buffer_.end());
  }

 private:
  ROOT::RVec<Stored> buffer_;
  ROOT::RVec<Stored>* address_ = &buffer_;
};

template <class Stored>
class LeafArraySource final : public ArraySource<Stored> {
 public:
  explicit LeafArraySource(TLeaf& leaf) : leaf_(&leaf) {}
  void copy(std::vector<Stored>& values) const override {
    const auto* first = static_cast<const Stored*>(leaf_->GetValuePointer());
    values.assign(first, first + leaf_->GetLen());
  }

 private:
  TLeaf* leaf_;
};

// nullptr if the branch is neither of them with numbers of type Stored. `type`: branch_type().
template <class Stored>
[[nodiscard]] std::unique_ptr<ArraySource<Stored>> make_array_source(TBranch& branch,
                                                                     const std::type_info* type) {
  if (type != nullptr && *type == typeid(ROOT::RVec<Stored>))
    return std::make_unique<RVecSource<Stored>>(branch);
  TLeaf* leaf = type == nullptr ? array_leaf(branch) : nullptr;
  const std::type_info* stored = leaf == nullptr ? nullptr : leaf_type(*leaf);
  if (stored == nullptr || *stored != typeid(Stored)) return nullptr;
  return std::make_unique<LeafArraySource<Stored>>(*leaf);
}

}  // namespace stationhit::root_io
