// The header of a safetensors file: JSON with type, shape and range of bytes of every tensor.
// Private to the module.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/safetensors.hpp>

namespace stationhit::data {

inline constexpr std::size_t header_length_bytes = 8;   // in front of the header
inline constexpr const char* checksum_key = "xxh3_64";  // metadata: checksum of the data
// metadata: checksum of the header, in which this value counts as 16 zeros
inline constexpr const char* header_checksum_key = "header_xxh3_64";

struct SafetensorsHeader {
  std::map<std::string, TensorView> tensors;  // views into the data
  Metadata metadata;
};

// Names the file and says that it is damaged.
[[nodiscard]] core::DataError make_damage_error(const std::filesystem::path& path,
                                                const std::string& what);

// The header for tensors that follow each other in this order, padded so that the data are aligned.
// The metadata gain the checksums of the data and of the header itself.
[[nodiscard]] std::string make_header(std::span<const NamedTensor* const> tensors,
                                      const Metadata& metadata);

// Checks everything against the size of `data`, and the text against its checksum if it has one;
// the metadata are returned without that. Throws DataError naming `path` and the tensor.
[[nodiscard]] SafetensorsHeader parse_header(const std::filesystem::path& path,
                                             std::string_view text,
                                             std::span<const std::byte> data);

}  // namespace stationhit::data
