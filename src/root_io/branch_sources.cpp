// ROOT reports a damaged basket by its result, by a message or by an exception; all three mean the
// same here.
#include "branch_sources.hpp"

#include <array>
#include <exception>
#include <string_view>

#include <TClass.h>
#include <TObjArray.h>

namespace stationhit::root_io {

// The class of the branch's object, not its name: the name of a type differs between writers and
// platforms.
const std::type_info* branch_type(TBranch& branch) {
  TClass* type = nullptr;
  EDataType plain = kOther_t;
  if (branch.GetExpectedType(type, plain) != 0 || type == nullptr) return nullptr;
  return type->GetTypeInfo();
}

std::string branch_type_name(TBranch& branch) {
  const std::string_view type = branch.GetClassName();
  if (!type.empty()) return std::string(type);
  const TLeaf* leaf = single_leaf(branch);
  return leaf != nullptr ? leaf->GetTypeName() : branch.GetTitle();
}

TLeaf* single_leaf(TBranch& branch) {
  if (branch.GetListOfLeaves()->GetEntries() != 1 ||
      !std::string_view(branch.GetClassName()).empty())
    return nullptr;
  auto* leaf = static_cast<TLeaf*>(branch.GetListOfLeaves()->At(0));
  // An array of characters has a leaf of the type of one character.
  const bool is_text = std::string_view(leaf->GetTypeName()) == "Char_t" && leaf->GetLen() > 1;
  // An array of variable or fixed length is not a single number either.
  return leaf->GetLeafCount() == nullptr && leaf->GetLenStatic() == 1 && !is_text ? leaf : nullptr;
}

bool is_floating_leaf(const TLeaf& leaf) {
  constexpr std::array<std::string_view, 4> names{"Float_t", "Double_t", "Float16_t", "Double32_t"};
  for (const std::string_view name : names)
    if (name == leaf.GetTypeName()) return true;
  return false;
}

namespace {

// An array whose length is 0 at this entry has no bytes, unlike a vector, which stores its length.
bool may_be_empty(TBranch& branch, long long entry) {
  if (entry >= branch.GetEntries() || branch.GetListOfLeaves()->GetEntries() != 1) return false;
  const auto* leaf = static_cast<const TLeaf*>(branch.GetListOfLeaves()->At(0));
  return leaf->GetLeafCount() != nullptr && leaf->GetLeafCount()->GetValue() == 0;
}

class LeafSource final : public ColumnSource<Number> {
 public:
  LeafSource(TBranch& branch, TLeaf& leaf) : loader_(branch), leaf_(&leaf) {}
  Number& load(long long entry, const RootMessages& messages, const std::string& file) override {
    loader_.load(entry, messages, file);
    if (is_floating_leaf(*leaf_)) {
      value_ = leaf_->GetValue();
    } else if (leaf_->IsUnsigned()) {
      value_ = static_cast<std::uint64_t>(leaf_->GetValueLong64());
    } else {
      value_ = static_cast<std::int64_t>(leaf_->GetValueLong64());
    }
    return value_;
  }
  [[nodiscard]] std::string name() const override { return loader_.name(); }

 private:
  BranchLoader loader_;
  TLeaf* leaf_;
  Number value_;
};

}  // namespace

void BranchLoader::load(long long entry, const RootMessages& messages,
                        const std::string& file) const {
  std::string failure;
  try {
    check_.check_entry(entry, file);
    const int bytes = check_.branch().GetEntry(entry);
    if ((bytes > 0 || (bytes == 0 && may_be_empty(check_.branch(), entry))) &&
        messages.error().empty())
      return;
    failure =
        messages.error().empty() ? "GetEntry returned " + std::to_string(bytes) : messages.error();
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& error) {  // a damaged length asks for absurd memory
    failure = error.what();
  }
  refuse_damaged(place_of(file, entry, name()), failure);
}

SourcePtr<Number> make_branch_number(TBranch& branch) {
  TLeaf* leaf = single_leaf(branch);
  return leaf == nullptr ? nullptr : std::make_unique<LeafSource>(branch, *leaf);
}

}  // namespace stationhit::root_io
