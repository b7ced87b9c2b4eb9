// The type of a branch is known only when the file is open, the type of the column at compile time.
// A table of the supported types connects the two: the first entry with the type of the branch
// makes the column that reads and converts it.
#include "branch_columns.hpp"

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
  if (branch.GetListOfLeaves()->GetEntries() != 1 || std::string_view(branch.GetClassName()) != "")
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

}  // namespace

void BranchColumn::load(long long entry, const RootMessages& messages,
                        const std::string& file) const {
  std::string failure;
  try {
    check_.check_entry(entry, file);
    // ROOT reports a damaged basket by its result, by a message or by an exception; all three mean
    // the same here.
    const int bytes = branch().GetEntry(entry);
    if ((bytes > 0 || (bytes == 0 && may_be_empty(branch(), entry))) && messages.error().empty())
      return;
    failure =
        messages.error().empty() ? "GetEntry returned " + std::to_string(bytes) : messages.error();
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& error) {  // a damaged length asks for absurd memory
    failure = error.what();
  }
  throw core::DataError(place(entry, file) +
                        " is damaged; copy the file again or leave it out (ROOT: " + failure + ")");
}

std::unique_ptr<BranchColumn> make_bucket_hits_column(TBranch& branch,
                                                      std::function<core::BucketTable&()> target,
                                                      bool& is_narrow) {
  const std::type_info* type = branch_type(branch);
  if (type == nullptr) return nullptr;
  return detail::make_for_type(
      *type, NestedIndexTypes{},
      [&]<class Stored>(const std::type_info& found, std::unique_ptr<BranchColumn>& column) {
        // The types are compared by typeid, because ROOT spells the same type in several ways.
        using Vectors = std::vector<std::vector<Stored>>;
        using RVecs = ROOT::RVec<ROOT::RVec<Stored>>;
        if (found == typeid(Vectors))
          column = std::make_unique<BucketHitsColumn<Vectors>>(branch, target);
        if (found == typeid(RVecs))
          column = std::make_unique<BucketHitsColumn<RVecs>>(branch, target);
        if (column != nullptr) is_narrow = sizeof(Stored) <= 2;
        return column != nullptr;
      });
}

}  // namespace stationhit::root_io
