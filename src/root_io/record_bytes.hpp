// Reads the records of a ROOT file byte by byte: numbers are big-endian, texts begin with their
// length. Nothing is read behind the bytes that were given, whatever the lengths in them say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <Rtypes.h>

namespace stationhit::root_io {

class RecordBytes {
 public:
  explicit RecordBytes(std::string_view bytes) : bytes_(bytes) {}

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
  // Empty, and failed() from now on, if fewer bytes are left.
  std::string_view take(std::size_t length) {
    if (length > left()) {
      failed_ = true;
      return {};
    }
    const std::string_view result = bytes_.substr(at_, length);
    at_ += length;
    return result;
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// What every record begins with: the layout of TKey up to its position.
struct KeyHead {
  Int_t bytes = 0;          // of the whole record
  bool is_large = false;    // positions have 8 bytes instead of 4
  Int_t object_length = 0;  // of the content behind the header, decompressed
  Int_t header_length = 0;
  Long64_t position = 0;
};
inline constexpr std::size_t longest_key_head = 26;

// Length, version (above 1000: large), object length, date, length of the header, cycle, position.
inline KeyHead read_key_head(RecordBytes& bytes) {
  KeyHead head;
  head.bytes = bytes.number<std::int32_t>();
  head.is_large = bytes.number<std::int16_t>() > 1000;
  head.object_length = bytes.number<std::int32_t>();
  bytes.take(4);  // date
  head.header_length = bytes.number<std::int16_t>();
  bytes.take(2);  // cycle
  head.position = head.is_large ? bytes.number<std::int64_t>() : bytes.number<std::int32_t>();
  return head;
}

}  // namespace stationhit::root_io
