// Three steps: the lists of baskets when the tree is opened, the header of a basket before ROOT
// loads it, and the lengths of an entry before ROOT reads it. What they hold must agree with each
// other and with the sizes of file and buffer. Every basket is looked at once, every entry costs
// the comparison of a few numbers.
#include "baskets.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include <TBasket.h>
#include <TFile.h>
#include <TLeaf.h>
#include <TMath.h>

#include <stationhit/core/errors.hpp>

#include "array_sources.hpp"
#include "basket_header.hpp"

namespace stationhit::root_io {
namespace {

[[noreturn]] void refuse(const TBranch& branch, long long entry, const std::string& file,
                         const std::string& what) {
  throw core::DataError(file + ", entry " + std::to_string(entry) + ": branch " + branch.GetName() +
                        " is damaged: " + what + "; copy the file again or leave it out");
}

// One basket of a branch as the header of the tree lists it.
struct Listed {
  Int_t number;
  Long64_t first, end;  // entries
};

Listed find_listed(TBranch& branch, Long64_t entry) {
  const Int_t last = branch.GetWriteBasket();
  const Long64_t* firsts = branch.GetBasketEntry();
  const auto number = static_cast<Int_t>(TMath::BinarySearch(last + 1, firsts, entry));
  return {number, firsts[number], number < last ? firsts[number + 1] : branch.GetEntries()};
}

TBasket* loaded_basket(TBranch& branch, Int_t number) {
  TObjArray& baskets = *branch.GetListOfBaskets();
  return number < baskets.GetSize() ? static_cast<TBasket*>(baskets.UncheckedAt(number)) : nullptr;
}

bool has_offsets(TBranch& branch) { return branch.GetEntryOffsetLen() != 0; }

void check_header(TBranch& branch, const Listed& listed, const std::string& file) {
  const TFile* on_disk = branch.GetFile();
  // A file that is not on a disk of this machine has no descriptor.
  if (on_disk == nullptr || on_disk->GetFd() < 0) return;
  const Long64_t position = branch.GetBasketSeek(listed.number);
  const Int_t bytes = branch.GetBasketBytes()[listed.number];
  const auto header = read_basket_header(*on_disk, position, bytes);
  const auto require = [&](bool holds, const char* what) {
    if (!holds) refuse(branch, listed.first, file, what);
  };
  require(header && header->is_basket, "there is no basket where the tree says");
  require(header->bytes == bytes && header->position == position && header->is_header_only,
          "the header of a basket disagrees with the tree");
  require(header->entries == listed.end - listed.first,
          "a basket has another number of entries than the tree says");
  const Long64_t whole = Long64_t{header->header_length} + header->object_length;
  require(header->object_length >= 0 && whole <= std::max<Long64_t>(branch.GetTotBytes(), bytes),
          "a basket is longer than the branch");
  require(header->header_length <= header->end && header->end <= whole,
          "the entries of a basket do not lie inside it");
  require(
      has_offsets(branch) ||
          header->header_length + Long64_t{header->entries} * header->entry_length <= header->end,
      "a basket is too short for its entries");
}

Int_t length_of(TBasket& basket) {
  return basket.GetBufferRef() == nullptr ? 0 : basket.GetBufferRef()->BufferSize();
}

bool offsets_fit(TBasket& basket) {
  const Int_t* offsets = basket.GetEntryOffset();
  if (offsets == nullptr) return false;
  Int_t before = basket.GetKeylen();
  for (const Int_t offset : std::span(offsets, static_cast<std::size_t>(basket.GetNevBuf()))) {
    if (offset < before || offset > basket.GetLast()) return false;
    before = offset;
  }
  return true;
}

void check_loaded(TBranch& branch, TBasket& basket, const Listed& listed, const std::string& file) {
  const Long64_t entries = basket.GetNevBuf();
  const bool inside = basket.GetKeylen() >= 0 && basket.GetKeylen() <= basket.GetLast() &&
                      basket.GetLast() <= length_of(basket);
  if (entries != listed.end - listed.first || !inside)
    refuse(branch, listed.first, file, "a basket disagrees with the tree");
  const bool fits = has_offsets(branch)
                        ? entries == 0 || offsets_fit(basket)
                        : basket.GetKeylen() + entries * basket.GetNevBufSize() <= basket.GetLast();
  if (!fits) refuse(branch, listed.first, file, "its entries do not lie inside a basket");
}

// The bytes of an entry.
std::string_view find_bytes(TBranch& branch, TBasket& basket, const Listed& listed, Long64_t entry,
                            const std::string& file) {
  if (!has_offsets(branch)) refuse(branch, entry, file, "its lists have no places in a basket");
  const Int_t* offsets = basket.GetEntryOffset();
  const Long64_t i = entry - listed.first;
  const Int_t end = i + 1 < basket.GetNevBuf() ? offsets[i + 1] : basket.GetLast();
  return {basket.GetBufferRef()->Buffer() + offsets[i], static_cast<std::size_t>(end - offsets[i])};
}

TBasket* load_basket(TBranch& branch, const Listed& listed, const std::string& file) {
  if (TBasket* basket = loaded_basket(branch, listed.number)) return basket;
  // Branches that only hold other branches have no baskets.
  if (branch.GetBasketSeek(listed.number) == 0) return nullptr;
  check_header(branch, listed, file);
  TBasket* basket = branch.GetBasket(listed.number);
  if (basket != nullptr) check_loaded(branch, *basket, listed, file);
  return basket;
}

// A C array with its length in another branch; nullptr for what is stored with fewer bytes than it
// has in memory.
TLeaf* find_counted_array(TBranch& branch) {
  TLeaf* leaf = array_leaf(branch);
  if (leaf == nullptr || leaf->GetLeafCount() == nullptr || !has_offsets(branch)) return nullptr;
  const std::string_view type = leaf->GetTypeName();
  return type == "Float16_t" || type == "Double32_t" ? nullptr : leaf;
}

// The bytes of the array in this entry by its length, which is read here.
std::size_t count_bytes(const TLeaf& array, Long64_t entry, const std::string& file) {
  TBranch& lengths = *array.GetLeafCount()->GetBranch();
  if (entry < lengths.GetEntries()) load_basket(lengths, find_listed(lengths, entry), file);
  if (lengths.GetEntry(entry) <= 0) refuse(lengths, entry, file, "it has no such entry");
  const Long64_t length = std::max<Long64_t>(array.GetLeafCount()->GetValueLong64(), 0);
  return static_cast<std::size_t>(length * array.GetLenStatic() * array.GetLenType());
}

bool basket_list_fits(TBranch& branch, Long64_t file_end) {
  const Int_t last = branch.GetWriteBasket();
  const Long64_t* firsts = branch.GetBasketEntry();
  if (last < 0 || last > branch.GetMaxBaskets() || branch.GetEntries() < 0) return false;
  if (firsts == nullptr || branch.GetBasketBytes() == nullptr) return false;
  const std::span entries(firsts,
                          static_cast<std::size_t>(std::min(last + 1, branch.GetMaxBaskets())));
  if (!std::is_sorted(entries.begin(), entries.end()) || entries.empty() || entries.front() < 0 ||
      entries.back() > branch.GetEntries())
    return false;
  for (Int_t i = 0; i < last; ++i) {
    const Long64_t position = branch.GetBasketSeek(i);
    const Int_t bytes = branch.GetBasketBytes()[i];
    if (position < 0 || bytes < 0 || position + bytes > file_end) return false;
  }
  return true;
}

template <class Visit>
void visit_branches(TObjArray& branches, const Visit& visit) {
  for (TObject* object : branches) {
    auto& branch = static_cast<TBranch&>(*object);
    visit(branch);
    visit_branches(*branch.GetListOfBranches(), visit);
  }
}

void check_stored_baskets(TBranch& branch, const std::string& file) {
  for (Int_t i = 0; i <= branch.GetWriteBasket(); ++i) {
    TBasket* basket = loaded_basket(branch, i);
    if (basket == nullptr) continue;
    const Long64_t first = branch.GetBasketEntry()[i];
    const Long64_t end =
        i < branch.GetWriteBasket() ? branch.GetBasketEntry()[i + 1] : branch.GetEntries();
    check_loaded(branch, *basket, {i, first, end}, file);
  }
}

}  // namespace

void check_basket_lists(TTree& tree, const std::string& file) {
  const TFile* on_disk = tree.GetCurrentFile();
  const Long64_t end = on_disk == nullptr ? 0 : on_disk->GetEND();
  visit_branches(*tree.GetListOfBranches(), [&](TBranch& branch) {
    if (!basket_list_fits(branch, end))
      refuse(branch, 0, file, "its list of baskets does not fit the file");
    check_stored_baskets(branch, file);
  });
}

BranchCheck::BranchCheck(TBranch& branch)
    : branch_(&branch), layout_(layout_of(branch)), array_(find_counted_array(branch)) {}

void BranchCheck::check_entry(long long entry, const std::string& file) const {
  if (entry < 0 || entry >= branch_->GetEntries()) return;  // ROOT gives no bytes for these
  const Listed listed = find_listed(*branch_, entry);
  TBasket* basket = load_basket(*branch_, listed, file);
  if (basket == nullptr) return;
  if (layout_.elements != EntryLayout::Elements::no_list &&
      !lists_fit(find_bytes(*branch_, *basket, listed, entry, file), layout_))
    refuse(*branch_, entry, file, "a vector does not fill its entry");
  if (array_ != nullptr && count_bytes(*array_, entry, file) !=
                               find_bytes(*branch_, *basket, listed, entry, file).size())
    refuse(*branch_, entry, file, "an array does not have the length that the file says");
}

TreeCheck::TreeCheck(TTree& tree) {
  visit_branches(*tree.GetListOfBranches(),
                 [this](TBranch& branch) { branches_.emplace_back(branch); });
}

void TreeCheck::check_entry(long long entry, const std::string& file) const {
  for (const BranchCheck& branch : branches_)
    if (!branch.branch().TestBit(kDoNotProcess)) branch.check_entry(entry, file);
}

}  // namespace stationhit::root_io
