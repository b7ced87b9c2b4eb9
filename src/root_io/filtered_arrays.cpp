// Several arrays may share one length, so the lengths are changed after all arrays.
#include "filtered_arrays.hpp"

#include <algorithm>
#include <cstring>

#include "array_sources.hpp"
#include "hit_edits.hpp"

namespace stationhit::root_io {
namespace {

// Only the low bytes of the number are stored: leaves of lengths are integers of any size.
void store(const TLeaf& length, std::uint64_t value) {
  std::memcpy(length.GetValuePointer(), &value, static_cast<std::size_t>(length.GetLenType()));
}

}  // namespace

bool FilteredArrays::add(TBranch& branch) {
  TLeaf* leaf = array_leaf(branch);
  if (leaf == nullptr || leaf->GetLeafCount() == nullptr) return false;
  arrays_.push_back(leaf);
  if (std::ranges::find(lengths_, leaf->GetLeafCount()) == lengths_.end())
    lengths_.push_back(leaf->GetLeafCount());
  return true;
}

void FilteredArrays::add_of_same_length(TTree& tree) {
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    const TLeaf* leaf = array_leaf(branch);
    if (leaf == nullptr || contains(branch)) continue;
    if (std::ranges::find(lengths_, leaf->GetLeafCount()) != lengths_.end()) add(branch);
  }
}

bool FilteredArrays::contains(const TBranch& branch) const {
  return std::ranges::any_of(arrays_,
                             [&](const TLeaf* leaf) { return leaf->GetBranch() == &branch; });
}

void FilteredArrays::drop_from(const TLeaf& values, std::span<const std::uint32_t> new_index,
                               const std::string& place) const {
  const auto length = static_cast<std::size_t>(values.GetLeafCount()->GetValueLong64());
  require_length(length, new_index.size(), place + values.GetBranch()->GetName());
  // Every hit may have several numbers: x[n][3].
  const auto bytes = static_cast<std::size_t>(values.GetLenType() * values.GetLenStatic());
  auto* const begin = static_cast<char*>(values.GetValuePointer());
  for (std::size_t i = 0; i < length; ++i)
    if (new_index[i] != dropped && new_index[i] != i)
      std::memcpy(begin + new_index[i] * bytes, begin + i * bytes, bytes);
}

void FilteredArrays::drop_hits(std::span<const std::uint32_t> new_index,
                               const std::string& place) const {
  for (const TLeaf* array : arrays_) drop_from(*array, new_index, place);
  const auto kept =
      new_index.size() - static_cast<std::size_t>(std::ranges::count(new_index, dropped));
  for (const TLeaf* length : lengths_) store(*length, kept);
}

}  // namespace stationhit::root_io
