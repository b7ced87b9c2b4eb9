// Branches of a TTree as sources of columns: vectors, RVecs and C arrays of numbers, lists of such
// lists, and single numbers.
#pragma once

#include <string>
#include <typeinfo>
#include <vector>

#include <ROOT/RVec.hxx>
#include <TBranch.h>
#include <TLeaf.h>

#include "array_sources.hpp"
#include "baskets.hpp"
#include "column_source.hpp"

namespace stationhit::root_io {

// C++ type of the objects in a branch; nullptr for plain leaves and classes without one.
[[nodiscard]] const std::type_info* branch_type(TBranch& branch);

// The leaf of a branch that holds one number per entry; nullptr for other branches.
[[nodiscard]] TLeaf* single_leaf(TBranch& branch);
[[nodiscard]] bool is_floating_leaf(const TLeaf& leaf);

// The type of a branch's content, for messages: "vector<string>", "UInt_t".
[[nodiscard]] std::string branch_type_name(TBranch& branch);

// Checks and reads entries of one branch into the buffer to which it points.
class BranchLoader {
 public:
  explicit BranchLoader(TBranch& branch) : check_(branch) {}
  [[nodiscard]] std::string name() const {
    return std::string("branch ") + check_.branch().GetName();
  }
  // Throws as ColumnSource::load does.
  void load(long long entry, const RootMessages& messages, const std::string& file) const;

 private:
  BranchCheck check_;
};

// A branch that holds an object of the type of the values.
template <class Values>
class ObjectSource final : public ColumnSource<Values> {
 public:
  explicit ObjectSource(TBranch& branch) : loader_(branch) { branch.SetAddress(&address_); }
  Values& load(long long entry, const RootMessages& messages, const std::string& file) override {
    loader_.load(entry, messages, file);
    return values_;
  }
  [[nodiscard]] std::string name() const override { return loader_.name(); }

 private:
  BranchLoader loader_;
  Values values_;
  Values* address_ = &values_;
};

// A branch of another kind of array, whose values are copied.
template <class Stored>
class CopiedSource final : public ColumnSource<std::vector<Stored>> {
 public:
  CopiedSource(TBranch& branch, std::unique_ptr<ArraySource<Stored>> array)
      : loader_(branch), array_(std::move(array)) {}
  std::vector<Stored>& load(long long entry, const RootMessages& messages,
                            const std::string& file) override {
    loader_.load(entry, messages, file);
    array_->copy(values_);
    return values_;
  }
  [[nodiscard]] std::string name() const override { return loader_.name(); }

 private:
  BranchLoader loader_;
  std::unique_ptr<ArraySource<Stored>> array_;
  std::vector<Stored> values_;
};

// nullptr if the branch is no vector, RVec or C array of numbers of this type.
template <class Stored>
[[nodiscard]] SourcePtr<std::vector<Stored>> make_branch_vector(TBranch& branch) {
  const std::type_info* type = branch_type(branch);
  // The types are compared by typeid, because ROOT spells the same type in several ways.
  if (type != nullptr && *type == typeid(std::vector<Stored>))
    return std::make_unique<ObjectSource<std::vector<Stored>>>(branch);
  auto array = make_array_source<Stored>(branch, type);
  if (array == nullptr) return nullptr;
  return std::make_unique<CopiedSource<Stored>>(branch, std::move(array));
}

// nullptr if the branch does not hold objects of exactly this type.
template <class Lists>
[[nodiscard]] SourcePtr<Lists> make_branch_object(TBranch& branch) {
  const std::type_info* type = branch_type(branch);
  if (type == nullptr || *type != typeid(Lists)) return nullptr;
  return std::make_unique<ObjectSource<Lists>>(branch);
}

// nullptr if the branch is not a single numeric leaf.
[[nodiscard]] SourcePtr<Number> make_branch_number(TBranch& branch);

}  // namespace stationhit::root_io
