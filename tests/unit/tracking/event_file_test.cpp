// Expected bytes follow from the specifications: RFC 3720 (CRC-32C), the TFRecord format and the
// wire format of protobuf. tests/python/test_tracking.py reads whole files with TensorBoard.
#include "../../../src/tracking/event_file.hpp"

#include <bit>
#include <limits>

#include <gtest/gtest.h>

namespace stationhit::tracking {
namespace {

using namespace std::string_literals;

// The checksum without its mask.
std::uint32_t checksum(std::string_view data) {
  return std::rotl(masked_checksum(data) - 0xA282EAD8U, 15);
}

TEST(EventFile, ChecksumsAreThoseOfRfc3720) {
  EXPECT_EQ(checksum(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(checksum(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(checksum("123456789"), 0xE3069283U);
}

TEST(EventFile, ARecordFramesItsDataWithChecksums) {
  const std::string record = encode_record("abc");
  ASSERT_EQ(record.size(), 8U + 4 + 3 + 4);
  EXPECT_EQ(record.substr(0, 8), "\x03\0\0\0\0\0\0\0"s);
  EXPECT_EQ(record.substr(12, 3), "abc");
  const auto number_at = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
      value = value << 8U | static_cast<std::uint8_t>(record[at + i]);
    return value;
  };
  EXPECT_EQ(number_at(8), masked_checksum(record.substr(0, 8)));
  EXPECT_EQ(number_at(15), masked_checksum("abc"));
}

TEST(EventFile, VersionEvent) {
  EXPECT_EQ(version_event(1.0), "\x09\0\0\0\0\0\0\xF0\x3F\x1A\x0D"s + "brain.Event:2");
}

TEST(EventFile, ScalarEvent) {
  EXPECT_EQ(scalar_event(1.0, 300, "a", 1.0),
            "\x09\0\0\0\0\0\0\xF0\x3F"       // wall_time
            "\x10\xAC\x02"                   // step
            "\x2A\x0A\x0A\x08"               // summary, value
            "\x0A\x01\x61\x15\0\0\x80\x3F"s  // tag, simple_value
  );
}

TEST(EventFile, ImageEventHasSizeAndBytes) {
  const std::string event = image_event(1.0, 1, "roc", {200, 3, "PNG"});
  EXPECT_TRUE(event.ends_with("\x22\x0C\x08\x03\x10\xC8\x01\x18\x03\x22\x03PNG"s)) << event;
}

TEST(EventFile, TextEventIsATensorOfOneText) {
  const std::string event = text_event(1.0, 1, "t", "words");
  EXPECT_TRUE(
      event.ends_with("\x42\x0F\x08\x07\x12\x04\x12\x02\x08\x01\x42\x05words"
                      "\x4A\x08\x0A\x06\x0A\x04text"s))
      << event;
}

}  // namespace
}  // namespace stationhit::tracking
