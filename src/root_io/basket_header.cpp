// The layout is that of TKey (the head of every record, the position of its folder, the names of
// class, branch and tree) followed by that of TBasket.
#include "basket_header.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <unistd.h>

namespace stationhit::root_io {
namespace {

void read_basket(RecordBytes& bytes, BasketHeader& header) {
  constexpr std::uint8_t offsets_are_computed = 80;
  bytes.take(2);  // version
  bytes.take(4);  // size of the buffer of the writer
  header.entry_length = bytes.number<std::int32_t>();
  if (header.entry_length < 0) {  // says that another byte follows
    header.entry_length = -header.entry_length;
    bytes.take(1);
  }
  header.entries = bytes.number<std::int32_t>();
  header.end = bytes.number<std::int32_t>();
  const auto flag = bytes.number<std::uint8_t>();
  header.is_header_only = flag == 0 || flag == offsets_are_computed;
}

}  // namespace

std::optional<BasketHeader> read_basket_header(const TFile& file, Long64_t position, Int_t bytes) {
  constexpr Int_t longest = 4096;  // the names of branch and tree are part of a header
  if (bytes <= 0) return std::nullopt;
  std::string content(static_cast<std::size_t>(std::min(bytes, longest)), '\0');
  const ssize_t got = ::pread(file.GetFd(), content.data(), content.size(), position);
  if (got != static_cast<ssize_t>(content.size())) return std::nullopt;
  RecordBytes reader(content);
  BasketHeader header{read_key_head(reader)};
  reader.take(header.is_large ? 8 : 4);  // position of the folder
  header.is_basket = reader.text() == "TBasket";
  reader.text();  // branch
  reader.text();  // tree
  read_basket(reader, header);
  if (reader.failed() || header.header_length != static_cast<Int_t>(reader.position()))
    return std::nullopt;
  return header;
}

}  // namespace stationhit::root_io
