#include "array_sources.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <TObjArray.h>

namespace stationhit::root_io {

TLeaf* array_leaf(TBranch& branch) {
  if (branch.GetListOfLeaves()->GetEntries() != 1 || std::string_view(branch.GetClassName()) != "")
    return nullptr;
  auto* leaf = static_cast<TLeaf*>(branch.GetListOfLeaves()->At(0));
  return leaf->GetLeafCount() != nullptr || leaf->GetLenStatic() != 1 ? leaf : nullptr;
}

const std::type_info* leaf_type(const TLeaf& leaf) {
  static const std::array<std::pair<std::string_view, const std::type_info*>, 15> types{{
      {"Float_t", &typeid(float)},
      {"Float16_t", &typeid(float)},
      {"Double_t", &typeid(double)},
      {"Double32_t", &typeid(double)},
      {"Char_t", &typeid(char)},
      {"UChar_t", &typeid(unsigned char)},
      {"Bool_t", &typeid(bool)},
      {"Short_t", &typeid(short)},
      {"UShort_t", &typeid(unsigned short)},
      {"Int_t", &typeid(int)},
      {"UInt_t", &typeid(unsigned int)},
      {"Long_t", &typeid(long)},
      {"ULong_t", &typeid(unsigned long)},
      {"Long64_t", &typeid(long long)},
      {"ULong64_t", &typeid(unsigned long long)},
  }};
  for (const auto& [name, type] : types)
    if (name == leaf.GetTypeName()) return type;
  return nullptr;
}

}  // namespace stationhit::root_io
