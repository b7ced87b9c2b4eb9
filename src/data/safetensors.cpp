// A safetensors file is the length of a header, the header (JSON with type, shape and range of
// bytes of every tensor) and the data. Tensors are written in order of decreasing item size, so
// that each is aligned and can be used in place when the file is mapped. On reading, everything in
// the header is checked against the size of the file before any byte of the data is used.
#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/hashing.hpp>
#include <stationhit/data/safetensors.hpp>

#include "mapped_file.hpp"

namespace stationhit::data {
namespace {

using nlohmann::json;

constexpr std::size_t length_bytes = 8;
constexpr std::size_t data_alignment = 8;
constexpr std::uint64_t max_header = 100'000'000;  // the limit of the format
constexpr const char* metadata_key = "__metadata__";
constexpr const char* checksum_key = "xxh3_64";

struct DtypeProperties {
  std::string_view name;
  std::size_t size;
};
constexpr std::array<DtypeProperties, 13> dtype_table{{{"BOOL", 1},
                                                       {"U8", 1},
                                                       {"I8", 1},
                                                       {"U16", 2},
                                                       {"I16", 2},
                                                       {"F16", 2},
                                                       {"BF16", 2},
                                                       {"U32", 4},
                                                       {"I32", 4},
                                                       {"F32", 4},
                                                       {"U64", 8},
                                                       {"I64", 8},
                                                       {"F64", 8}}};

std::optional<Dtype> find_dtype(std::string_view name) {
  const auto found = std::find_if(dtype_table.begin(), dtype_table.end(),
                                  [&](const DtypeProperties& entry) { return entry.name == name; });
  if (found == dtype_table.end()) return std::nullopt;
  return static_cast<Dtype>(found - dtype_table.begin());
}

[[nodiscard]] core::DataError make_damage_error(const std::filesystem::path& path,
                                                const std::string& what) {
  return core::DataError(path.string() + ": damaged safetensors file: " + what +
                         "; copy or create the file again");
}

// Byte by byte, because the format is little-endian on every machine and the position need not be
// aligned.
std::uint64_t read_little_endian(std::span<const std::byte> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// Bytes of a tensor of this shape, nothing if a size is negative or the product overflows.
std::optional<std::uint64_t> count_bytes(std::span<const std::int64_t> shape, std::size_t item) {
  std::uint64_t bytes = item;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (extent > 0 &&
        bytes > std::numeric_limits<std::uint64_t>::max() / static_cast<std::uint64_t>(extent))
      return std::nullopt;
    bytes *= static_cast<std::uint64_t>(extent);
  }
  return bytes;
}

// ---- writing ----

std::vector<const NamedTensor*> sort_for_file(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  order.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    const std::size_t size_a = item_size(a->tensor.dtype);
    const std::size_t size_b = item_size(b->tensor.dtype);
    return size_a != size_b ? size_a > size_b : a->name < b->name;
  });
  return order;
}

std::string compute_checksum(std::span<const NamedTensor* const> tensors) {
  Hasher hasher;
  for (const NamedTensor* tensor : tensors) hasher.add(tensor->tensor.bytes);
  return hasher.hex();
}

std::string make_header(std::span<const NamedTensor* const> tensors, const Metadata& metadata) {
  nlohmann::ordered_json header;
  header[metadata_key] = metadata;
  // The checksum is an ordinary key of the metadata, so other readers of the format ignore it.
  header[metadata_key][checksum_key] = compute_checksum(tensors);
  std::uint64_t offset = 0;
  for (const NamedTensor* named : tensors) {
    const TensorView& tensor = named->tensor;
    assert(!header.contains(named->name));
    assert(count_bytes(tensor.shape, item_size(tensor.dtype)) == tensor.bytes.size());
    const std::uint64_t end = offset + tensor.bytes.size();
    header[named->name] = {{"dtype", dtype_name(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  // Spaces after the JSON are allowed and make the data begin at a multiple of 8.
  text.resize((text.size() + data_alignment - 1) / data_alignment * data_alignment, ' ');
  return text;
}

// The file aside; removed again unless commit() is reached.
class PartialFile {
 public:
  explicit PartialFile(const std::filesystem::path& path)
      : path_(path), file_(std::fopen(core::partial_path(path).c_str(), "wb")) {
    if (file_ == nullptr)
      throw core::DataError(path.string() + ": cannot write here: " + std::strerror(errno));
  }
  ~PartialFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(core::partial_path(path_), ignored);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void write(const void* data, std::size_t size) {
    if (size > 0 && std::fwrite(data, 1, size, file_) != size) fail();
  }
  void commit() {
    if (std::fflush(file_) != 0) fail();
    // Without the exchange the destructor would close it a second time.
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail();
    core::publish(path_);
  }

 private:
  [[noreturn]] void fail() const {
    throw core::DataError(path_.string() + ": writing failed: " + std::strerror(errno) +
                          "; free space on the disk and run again");
  }
  std::filesystem::path path_;
  std::FILE* file_;
};

// ---- reading ----

struct ByteRange {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

class HeaderParser {
 public:
  HeaderParser(const std::filesystem::path& path, std::span<const std::byte> data)
      : path_(path), data_(data) {}

  std::map<std::string, TensorView> tensors;
  Metadata metadata;

  void parse(std::string_view text) {
    const json header = json::parse(text, nullptr, false);
    if (!header.is_object()) throw make_damage_error(path_, "the header is not a JSON object");
    for (const auto& [name, entry] : header.items()) {
      if (name == metadata_key) {
        parse_metadata(entry);
      } else {
        parse_tensor(name, entry);
      }
    }
    check_coverage();
  }

 private:
  void parse_metadata(const json& entry) {
    if (!entry.is_object()) throw make_damage_error(path_, "__metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) throw make_damage_error(path_, "metadata '" + key + "' is not text");
      metadata[key] = value.get<std::string>();
    }
  }

  void parse_tensor(const std::string& name, const json& entry) {
    const std::string where = "tensor '" + name + "' ";
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
        !entry.contains("shape") || !entry["shape"].is_array() || !is_offset_pair(entry))
      throw make_damage_error(path_, where + "lacks dtype, shape or data_offsets");
    const auto dtype = find_dtype(entry["dtype"].get_ref<const std::string&>());
    if (!dtype)
      throw make_damage_error(path_, where + "has the unknown dtype " + entry["dtype"].dump());
    const auto begin = entry["data_offsets"][0].get<std::uint64_t>();
    const auto end = entry["data_offsets"][1].get<std::uint64_t>();
    if (begin > end || end > data_.size()) {
      throw make_damage_error(path_, where + "ends at byte " + std::to_string(end) +
                                         " of the data, but the file has only " +
                                         std::to_string(data_.size()) + " (truncated?)");
    }
    TensorView tensor{*dtype, shape_of(where, entry["shape"]), data_.subspan(begin, end - begin)};
    if (count_bytes(tensor.shape, item_size(*dtype)) != tensor.bytes.size())
      throw make_damage_error(path_, where + "has shape " + entry["shape"].dump() +
                                         ", which does not fit its " + std::to_string(end - begin) +
                                         " bytes");
    ranges_.push_back({begin, end, name});
    tensors.emplace(name, std::move(tensor));
  }

  static bool is_offset_pair(const json& entry) {
    if (!entry.contains("data_offsets")) return false;
    const json& offsets = entry["data_offsets"];
    return offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
           offsets[1].is_number_unsigned();
  }

  std::vector<std::int64_t> shape_of(const std::string& where, const json& shape) const {
    std::vector<std::int64_t> result;
    for (const json& extent : shape) {
      if (!extent.is_number_integer())
        throw make_damage_error(path_, where + "has the shape " + shape.dump());
      result.push_back(extent.get<std::int64_t>());
    }
    return result;
  }

  // The format demands that the tensors cover the data without holes and overlaps.
  void check_coverage() {
    std::sort(ranges_.begin(), ranges_.end(), [](const ByteRange& a, const ByteRange& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t expected = 0;
    for (const ByteRange& range : ranges_) {
      if (range.begin != expected)
        throw make_damage_error(path_, "tensor '" + range.name + "' begins at byte " +
                                           std::to_string(range.begin) + ", expected " +
                                           std::to_string(expected));
      expected = range.end;
    }
    if (expected != data_.size())
      throw make_damage_error(
          path_, std::to_string(data_.size() - expected) + " bytes after the last tensor");
  }

  const std::filesystem::path& path_;
  std::span<const std::byte> data_;
  std::vector<ByteRange> ranges_;
};

}  // namespace

std::size_t item_size(Dtype dtype) { return dtype_table[static_cast<std::size_t>(dtype)].size; }
std::string_view dtype_name(Dtype dtype) {
  return dtype_table[static_cast<std::size_t>(dtype)].name;
}

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  const std::vector<const NamedTensor*> order = sort_for_file(tensors);
  const std::string header = make_header(order, metadata);
  std::array<unsigned char, length_bytes> length{};
  for (std::size_t i = 0; i < length_bytes; ++i)
    length[i] = static_cast<unsigned char>(header.size() >> (8 * i));
  PartialFile file(path);
  file.write(length.data(), length.size());
  file.write(header.data(), header.size());
  for (const NamedTensor* tensor : order)
    file.write(tensor->tensor.bytes.data(), tensor->tensor.bytes.size());
  file.commit();
}

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
  if (bytes.size() < length_bytes)
    throw make_damage_error(
        path, "it has " + std::to_string(bytes.size()) + " bytes, too few for a header");
  const std::uint64_t length = read_little_endian(bytes);
  if (length > max_header)
    throw make_damage_error(path, "the header would have " + std::to_string(length) +
                                      " bytes; this is no safetensors file");
  if (length > bytes.size() - length_bytes)
    throw make_damage_error(path, "truncated: the header needs " + std::to_string(length) +
                                      " bytes, the file has " + std::to_string(bytes.size()));
  // Both lengths are known to fit now, so every further range is checked against `data` alone.
  content_->data = bytes.subspan(length_bytes + length);
  HeaderParser parser(path, content_->data);
  parser.parse({reinterpret_cast<const char*>(bytes.data()) + length_bytes,
                static_cast<std::size_t>(length)});
  content_->tensors = std::move(parser.tensors);
  content_->metadata = std::move(parser.metadata);
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

void SafetensorsFile::verify_content() const {
  if (content_->checksum.empty()) return;
  Hasher hasher;
  hasher.add(content_->data);
  const std::string actual = hasher.hex();
  if (actual != content_->checksum)
    throw make_damage_error(
        content_->path, "the data have checksum " + actual + ", stored is " + content_->checksum);
}

}  // namespace stationhit::data
