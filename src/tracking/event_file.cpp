// Messages are built from the inside out: a field is a key (number and wire type) and its value,
// and a message is the text of its fields.
#include "event_file.hpp"

#include <bit>
#include <cstring>

#include <boost/crc.hpp>

namespace stationhit::tracking {
namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they are");

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

template <class Value>
std::string raw(Value value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Seven bits a byte, the lowest first; the highest bit says that more follow.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80U; value >>= 7U)
    bytes += static_cast<char>(static_cast<std::uint8_t>(value | 0x80U));
  bytes += static_cast<char>(value);
  return bytes;
}

std::string key(std::uint32_t field, WireType type) {
  return varint(field << 3U | static_cast<std::uint32_t>(type));
}

std::string bytes_field(std::uint32_t field, std::string_view bytes) {
  return key(field, WireType::bytes) + varint(bytes.size()).append(bytes);
}
std::string integer_field(std::uint32_t field, std::int64_t value) {
  return key(field, WireType::varint) + varint(static_cast<std::uint64_t>(value));
}
std::string float_field(std::uint32_t field, float value) {
  return key(field, WireType::fixed32) + raw(value);
}
std::string double_field(std::uint32_t field, double value) {
  return key(field, WireType::fixed64) + raw(value);
}

// Event{wall_time = 1, step = 2, summary = 5}, Summary{value = 1}, Value{tag = 1, ...}.
std::string summary_event(double time, std::int64_t step, std::string_view tag,
                          const std::string& content) {
  return double_field(1, time) + integer_field(2, step) +
         bytes_field(5, bytes_field(1, bytes_field(1, tag) + content));
}

}  // namespace

std::uint32_t masked_checksum(std::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(data.data(), data.size());
  return std::rotr(static_cast<std::uint32_t>(crc.checksum()), 15) + 0xA282EAD8U;
}

std::string encode_record(std::string_view data) {
  const std::string length = raw(static_cast<std::uint64_t>(data.size()));
  return length + raw(masked_checksum(length)).append(data) + raw(masked_checksum(data));
}

std::string version_event(double time) {
  return double_field(1, time) + bytes_field(3, "brain.Event:2");
}

std::string scalar_event(double time, std::int64_t step, std::string_view tag, double value) {
  return summary_event(time, step, tag, float_field(2, static_cast<float>(value)));
}

// Value{tensor = 8, metadata = 9}: a tensor of one text, which belongs to the plugin "text".
std::string text_event(double time, std::int64_t step, std::string_view tag,
                       std::string_view text) {
  constexpr std::int64_t type_string = 7;
  const std::string shape = bytes_field(2, integer_field(1, 1));
  const std::string tensor =
      integer_field(1, type_string) + bytes_field(2, shape) + bytes_field(8, text);
  const std::string metadata = bytes_field(1, bytes_field(1, "text"));
  return summary_event(time, step, tag, bytes_field(8, tensor) + bytes_field(9, metadata));
}

// Value{image = 4}: Image{height = 1, width = 2, colorspace = 3, encoded_image_string = 4}.
std::string image_event(double time, std::int64_t step, std::string_view tag,
                        const PngImage& image) {
  constexpr std::int64_t rgb = 3;
  return summary_event(
      time, step, tag,
      bytes_field(4, integer_field(1, image.height) + integer_field(2, image.width) +
                         integer_field(3, rgb) + bytes_field(4, image.bytes)));
}

}  // namespace stationhit::tracking
