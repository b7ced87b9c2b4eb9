// ROOT's cache of the compressed baskets of a tree, which also decompresses them.
#pragma once

#include <string>

#include <TTree.h>
#include <TTreeCache.h>

namespace stationhit::root_io {

// Baskets that zlib has compressed are inflated by inflate_fast(). For all others, and for damaged
// ones, ROOT does what it does without this class, so its messages are the same.
class BasketCache final : public TTreeCache {
 public:
  // Belongs to the tree, which must have no other cache.
  BasketCache(TTree& tree, int bytes) : TTreeCache(&tree, bytes) {}

  // ROOT asks for the basket at `position` of the file: its header followed by its content. The
  // result is the number of bytes, or -1 if ROOT is to read it itself.
  Int_t GetUnzipBuffer(char** basket, Long64_t position, Int_t length, bool* is_for_root) override;

 private:
  // Into compressed_, which has this length.
  [[nodiscard]] bool read(Long64_t position, Int_t length);

  std::string compressed_;
};

}  // namespace stationhit::root_io
