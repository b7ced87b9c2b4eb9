// The header of a basket, as it is in the file.
#pragma once

#include <optional>

#include <TFile.h>

#include "record_bytes.hpp"

namespace stationhit::root_io {

struct BasketHeader : KeyHead {
  bool is_basket = false;  // by the name of its class
  Int_t entry_length = 0;  // of branches with entries of one length
  Int_t entries = 0;
  Int_t end = 0;                // of the entries, counted from the beginning of the header
  bool is_header_only = false;  // the content follows behind the header, as in every file
};

// Reads the header of the record at `position`, without the caches of the file. No value if the
// record does not hold such a header.
[[nodiscard]] std::optional<BasketHeader> read_basket_header(const TFile& file, Long64_t position,
                                                             Int_t bytes);

}  // namespace stationhit::root_io
