// Layout (PKWARE APPNOTE 6.3): for each entry a local header and its content, then the directory
// with a header for each entry, then a record that says where the directory is.
#include "zip_archive.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

#include <boost/crc.hpp>

#include <stationhit/core/errors.hpp>

namespace stationhit::tracking {
namespace {

constexpr std::size_t largest_archive = std::numeric_limits<std::uint32_t>::max();

void append_number(std::string& bytes, std::uint64_t value, int size) {
  for (int n = 0; n < size; ++n, value >>= 8U)
    bytes += static_cast<char>(static_cast<std::uint8_t>(value & 0xFFU));
}
void append_16(std::string& bytes, std::uint64_t value) { append_number(bytes, value, 2); }
void append_32(std::string& bytes, std::uint64_t value) { append_number(bytes, value, 4); }

std::uint32_t checksum(std::string_view content) {
  boost::crc_32_type crc;
  crc.process_bytes(content.data(), content.size());
  return static_cast<std::uint32_t>(crc.checksum());
}

// What both headers of an entry share: version 2.0, names in UTF-8, stored, 1 January 1980.
std::string common_header(const ZipEntry& entry) {
  const auto& [name, content] = entry;
  std::string header;
  for (const std::uint64_t value : {20, 0x800, 0, 0, 0x21}) append_16(header, value);
  append_32(header, checksum(content));
  append_32(header, content.size());
  append_32(header, content.size());
  append_16(header, name.size());
  append_16(header, 0);  // no extra field
  return header;
}

void append_directory_header(std::string& directory, const ZipEntry& entry,
                             const std::string& common, std::size_t offset) {
  directory += "PK\x01\x02";
  append_16(directory, 20);  // made by version 2.0
  directory += common;
  append_16(directory, 0);  // no comment
  append_16(directory, 0);  // on the first disk
  append_16(directory, 0);  // no attributes
  append_32(directory, 0);
  append_32(directory, offset);
  directory += entry.first;
}

void append_end(std::string& archive, std::size_t entries, std::size_t directory_size,
                std::size_t directory_offset) {
  archive += "PK\x05\x06";
  append_32(archive, 0);  // one disk
  append_16(archive, entries);
  append_16(archive, entries);
  append_32(archive, directory_size);
  append_32(archive, directory_offset);
  append_16(archive, 0);  // no comment
}

}  // namespace

std::string zip_archive(std::span<const ZipEntry> entries) {
  std::string archive, directory;
  for (const ZipEntry& entry : entries) {
    const std::string common = common_header(entry);
    append_directory_header(directory, entry, common, archive.size());
    archive.append("PK\x03\x04").append(common).append(entry.first).append(entry.second);
  }
  if (entries.size() > std::numeric_limits<std::uint16_t>::max() ||
      archive.size() + directory.size() > largest_archive)
    throw core::DataError("the archive would have more than 65,535 entries or 4 GiB");
  const std::size_t offset = archive.size();
  archive += directory;
  append_end(archive, entries.size(), directory.size(), offset);
  return archive;
}

}  // namespace stationhit::tracking
