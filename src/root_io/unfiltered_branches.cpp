// The length of a branch of any class with a collection proxy comes from the proxy, that of a C
// array from its leaf; anything else has no length and is only named.
#include "unfiltered_branches.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <TBranchElement.h>
#include <TClass.h>
#include <TVirtualCollectionProxy.h>

#include <stationhit/core/text.hpp>

#include "array_sources.hpp"
#include "branch_sources.hpp"

namespace stationhit::root_io {
namespace {

bool is_understood(std::string_view name) {
  constexpr std::array<std::string_view, 3> prefixes{"spacePoint_", "truthMuon_", "bucket_"};
  return std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); });
}

std::optional<std::size_t> length_of(TBranch& branch) {
  if (const TLeaf* leaf = array_leaf(branch)) return static_cast<std::size_t>(leaf->GetLen());
  auto* element = dynamic_cast<TBranchElement*>(&branch);
  if (element == nullptr || element->GetObject() == nullptr) return std::nullopt;
  TClass* type = TClass::GetClass(element->GetClassName());
  TVirtualCollectionProxy* proxy = type == nullptr ? nullptr : type->GetCollectionProxy();
  if (proxy == nullptr) return std::nullopt;
  const TVirtualCollectionProxy::TPushPop object(proxy, element->GetObject());
  return proxy->Size();
}

}  // namespace

UnfilteredBranches::UnfilteredBranches(TTree& tree, const FilteredArrays& filtered) {
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    if (!is_understood(branch.GetName()) && single_leaf(branch) == nullptr &&
        !filtered.contains(branch) && !branch.TestBit(kDoNotProcess))
      branches_.push_back({&branch, true});
  }
}

void UnfilteredBranches::compare_lengths(std::size_t n_hits) {
  if (n_hits == 0) return;
  has_seen_hits_ = true;
  for (Watched& watched : branches_)
    if (watched.is_as_long_as_hits)
      watched.is_as_long_as_hits = length_of(*watched.branch) == n_hits;
}

std::vector<std::string> UnfilteredBranches::warnings() const {
  std::vector<std::string> like_hits;
  std::vector<std::string> others;
  for (const Watched& watched : branches_)
    (has_seen_hits_ && watched.is_as_long_as_hits ? like_hits : others)
        .emplace_back(watched.branch->GetName());
  std::vector<std::string> lines;
  if (!like_hits.empty())
    lines.push_back(core::join(like_hits) +
                    ": one value per hit in every event, so probably a column of the hits, but " +
                    "copied without dropping any; only branches named spacePoint_* are filtered");
  if (!others.empty())
    lines.push_back(core::join(others) +
                    ": copied as they are, whatever they mean; indices of hits in them are wrong "
                    "now");
  return lines;
}

}  // namespace stationhit::root_io
