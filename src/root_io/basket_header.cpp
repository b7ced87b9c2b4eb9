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

// The header, if it ends within the first bytes of the record.
std::optional<BasketHeader> read_within(const TFile& file, Long64_t position, std::size_t bytes) {
  std::string content(bytes, '\0');
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

}  // namespace

std::optional<BasketHeader> read_basket_header(const TFile& file, Long64_t position, Int_t bytes) {
  // The names of branch and tree are part of a header, and are short in most files.
  for (const Int_t longest : {256, 4096})
    if (bytes > 0)
      if (auto header = read_within(file, position, std::min(bytes, longest))) return header;
  return std::nullopt;
}

}  // namespace stationhit::root_io
