// The encoding of TensorBoard's event files: records with checksums (the TFRecord format), each one
// an Event message of protobuf. Only the few fields that are needed here, written as bytes: the
// messages are small and their field numbers are part of the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stationhit::tracking {

// A record: length, checksum of it, data, checksum of the data; all little-endian.
[[nodiscard]] std::string encode_record(std::string_view data);

// CRC-32C, rotated and shifted as the format wants, so that the checksum of data that holds a
// checksum is not degenerate.
[[nodiscard]] std::uint32_t masked_checksum(std::string_view data);

// Event messages. time: seconds since 1970.
[[nodiscard]] std::string version_event(double time);  // must be the first of a file
[[nodiscard]] std::string scalar_event(double time, std::int64_t step, std::string_view tag,
                                       double value);  // stored as float32
// Shown as Markdown.
[[nodiscard]] std::string text_event(double time, std::int64_t step, std::string_view tag,
                                     std::string_view text);
struct PngImage {
  std::uint32_t width = 0, height = 0;
  std::string_view bytes;  // of the whole file
};
[[nodiscard]] std::string image_event(double time, std::int64_t step, std::string_view tag,
                                      const PngImage& image);

}  // namespace stationhit::tracking
