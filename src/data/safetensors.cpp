// A safetensors file is the length of a header, the header (safetensors_header.hpp) and the data.
// The file is mapped; on opening, lengths and header are checked against its size, before any byte
// of the data is used.
#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/safetensors.hpp>

#include "mapped_file.hpp"
#include "safetensors_header.hpp"

namespace stationhit::data {
namespace {

constexpr std::uint64_t max_header = 100'000'000;  // the limit of the format

// Byte by byte, because the format is little-endian on every machine and the position need not be
// aligned.
std::uint64_t read_little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < header_length_bytes; ++i)
    value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

}  // namespace

struct SafetensorsFile::Content {
  explicit Content(const std::filesystem::path& file) : path(file), map(file) {}
  std::filesystem::path path;
  MappedFile map;
  std::span<const std::byte> data;
  std::map<std::string, TensorView> tensors;
  std::vector<std::string> names;
  Metadata metadata;
  std::string checksum;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : content_(std::make_unique<Content>(path)) {
  const std::span<const std::byte> bytes = content_->map.bytes();
  if (bytes.size() < header_length_bytes)
    throw make_damage_error(
        path, "it has " + std::to_string(bytes.size()) + " bytes, too few for a header");
  const std::uint64_t length = read_little_endian(bytes);
  if (length > max_header)
    throw make_damage_error(path, "the header would have " + std::to_string(length) +
                                      " bytes; this is no safetensors file");
  if (length > bytes.size() - header_length_bytes)
    throw make_damage_error(path, "truncated: the header needs " + std::to_string(length) +
                                      " bytes, the file has " + std::to_string(bytes.size()));
  // Both lengths are known to fit now, so every further range is checked against `data` alone.
  content_->data = bytes.subspan(header_length_bytes + length);
  SafetensorsHeader header =
      parse_header(path,
                   {reinterpret_cast<const char*>(bytes.data()) + header_length_bytes,
                    static_cast<std::size_t>(length)},
                   content_->data);
  content_->tensors = std::move(header.tensors);
  content_->metadata = std::move(header.metadata);
  if (auto node = content_->metadata.extract(checksum_key)) content_->checksum = node.mapped();
  for (const auto& entry : content_->tensors) content_->names.push_back(entry.first);
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

const std::filesystem::path& SafetensorsFile::path() const { return content_->path; }
const std::vector<std::string>& SafetensorsFile::names() const { return content_->names; }
bool SafetensorsFile::contains(const std::string& name) const {
  return content_->tensors.contains(name);
}
const Metadata& SafetensorsFile::metadata() const { return content_->metadata; }
const std::string& SafetensorsFile::checksum() const { return content_->checksum; }

const TensorView& SafetensorsFile::at(const std::string& name) const {
  const auto found = content_->tensors.find(name);
  if (found != content_->tensors.end()) return found->second;
  const std::string similar = core::nearest(name, content_->names);
  throw core::DataError(content_->path.string() + ": no tensor '" + name + "'" +
                        (similar.empty() ? "" : "; the nearest name there is '" + similar + "'"));
}

std::span<const std::byte> SafetensorsFile::bytes_as(const std::string& name, Dtype dtype) const {
  const TensorView& tensor = at(name);
  if (tensor.dtype != dtype) {
    throw core::DataError(content_->path.string() + ": tensor '" + name + "' has type " +
                          std::string(dtype_name(tensor.dtype)) + ", expected " +
                          std::string(dtype_name(dtype)));
  }
  if (reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % item_size(dtype) != 0)
    throw core::DataError(
        content_->path.string() + ": tensor '" + name +
        "' is not aligned in the file; write the file again with a newer safetensors");
  return tensor.bytes;
}

void SafetensorsFile::drop_pages() const { content_->map.drop_pages(); }

void SafetensorsFile::verify_content() const {
  if (content_->checksum.empty()) return;
  core::Hasher hasher;
  hasher.add(content_->data);
  const std::string actual = hasher.hex();
  if (actual != content_->checksum)
    throw make_damage_error(
        content_->path, "the data have checksum " + actual + ", stored is " + content_->checksum);
}

}  // namespace stationhit::data
