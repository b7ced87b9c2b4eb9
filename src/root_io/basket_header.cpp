// The layout is that of TKey (length, version, object length, date, length of the header, cycle,
// two positions, three texts) followed by that of TBasket. Numbers are big-endian. Nothing is read
// behind the bytes that were taken from the file, whatever their lengths say.
#include "basket_header.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace stationhit::root_io {
namespace {

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    std::uint64_t value = 0;
    for (const char byte : take(sizeof(Number)))
      value = value << 8U | static_cast<std::uint8_t>(byte);
    return static_cast<Number>(value);
  }
  std::string_view text() {
    const auto short_length = number<std::uint8_t>();
    return take(short_length == 255 ? number<std::uint32_t>() : short_length);
  }
  std::string_view take(std::size_t length) {
    if (length > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::string_view result = bytes_.substr(at_, length);
    at_ += length;
    return result;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

void read_key(Bytes& bytes, BasketHeader& header) {
  header.bytes = bytes.number<std::int32_t>();
  const auto version = bytes.number<std::int16_t>();
  header.object_length = bytes.number<std::int32_t>();
  bytes.take(4);  // date
  header.header_length = bytes.number<std::int16_t>();
  bytes.take(2);  // cycle
  const bool is_large = version > 1000;
  header.position = is_large ? bytes.number<std::int64_t>() : bytes.number<std::int32_t>();
  bytes.take(is_large ? 8 : 4);  // position of the folder
  header.is_basket = bytes.text() == "TBasket";
  bytes.text();  // branch
  bytes.text();  // tree
}

void read_basket(Bytes& bytes, BasketHeader& header) {
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
  Bytes reader(content);
  BasketHeader header;
  read_key(reader, header);
  read_basket(reader, header);
  if (reader.failed() || header.header_length != static_cast<Int_t>(reader.position()))
    return std::nullopt;
  return header;
}

}  // namespace stationhit::root_io
