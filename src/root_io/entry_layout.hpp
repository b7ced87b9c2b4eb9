// How long the lists in an entry of a branch may be, from the bytes of the entry in its basket.
#pragma once

#include <cstddef>
#include <string_view>

#include <TBranch.h>

namespace stationhit::root_io {

// What an entry of a branch holds.
struct EntryLayout {
  enum class Elements { no_list, numbers, texts, others };
  Elements elements = Elements::no_list;
  std::size_t bytes = 0;  // of one number on the disk
  int depth = 1;          // 2: a list of lists
};

// Of a branch with a collection; no_list for all others and for what is stored member by member.
[[nodiscard]] EntryLayout layout_of(TBranch& branch);

// False if the lengths in the entry do not fit its bytes. ROOT allocates what they claim before it
// reads the values. Numbers and texts fill the entry exactly; another element has a byte or more.
[[nodiscard]] bool lists_fit(std::string_view entry, const EntryLayout& layout);

}  // namespace stationhit::root_io
