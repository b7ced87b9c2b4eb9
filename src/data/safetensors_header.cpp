// On reading, every type, shape and range is checked before a view is made, and the ranges must
// cover the data without holes and overlaps, as the format demands. A header that was parsed is
// therefore safe to use without further checks. The header contains its own checksum, which is
// computed with zeros in the place of the value.
#include "safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/core/hashing.hpp>
#include <stationhit/core/json_text.hpp>

namespace stationhit::data {
namespace {

using nlohmann::json;

constexpr std::size_t data_alignment = 8;
constexpr const char* metadata_key = "__metadata__";

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

std::string compute_checksum(std::span<const NamedTensor* const> tensors) {
  core::Hasher hasher;
  for (const NamedTensor* tensor : tensors) hasher.add(tensor->tensor.bytes);
  return hasher.hex();
}

struct ByteRange {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

const std::string no_checksum(16, '0');

// Where the value of the header's own checksum begins; npos if there is none. Inside other values
// the quotes are escaped, so that only the key itself is found.
std::size_t find_header_checksum(std::string_view text) {
  const std::string key = '"' + std::string(header_checksum_key) + "\":\"";
  const std::size_t found = text.find(key);
  const bool complete =
      found != std::string_view::npos && text.size() - found >= key.size() + no_checksum.size();
  return complete ? found + key.size() : std::string_view::npos;
}

// The checksum of a header that holds any value at this position.
std::string header_checksum(std::string text, std::size_t position) {
  return core::to_hex(core::hash_text(text.replace(position, no_checksum.size(), no_checksum)));
}

class HeaderParser {
 public:
  HeaderParser(const std::filesystem::path& path, std::span<const std::byte> data)
      : path_(path), data_(data) {}

  SafetensorsHeader parse(std::string_view text) {
    const json header = core::parse_json_or_discard<json>(text, path_.string());
    if (!header.is_object()) throw make_damage_error(path_, "the header is not a JSON object");
    for (const auto& [name, entry] : header.items()) {
      if (name == metadata_key) {
        parse_metadata(entry);
      } else {
        parse_tensor(name, entry);
      }
    }
    check_coverage();
    check_text(text);
    return std::move(header_);
  }

 private:
  void parse_metadata(const json& entry) {
    if (!entry.is_object()) throw make_damage_error(path_, "__metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) throw make_damage_error(path_, "metadata '" + key + "' is not text");
      header_.metadata[key] = value.get<std::string>();
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
    header_.tensors.emplace(name, std::move(tensor));
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

  // Files of other programs and of older versions have no checksum of the header and pass.
  void check_text(std::string_view text) {
    const auto stored = header_.metadata.extract(header_checksum_key);
    if (stored.empty()) return;
    const std::size_t position = find_header_checksum(text);
    if (position != std::string_view::npos &&
        header_checksum(std::string(text), position) == stored.mapped())
      return;
    throw make_damage_error(path_,
                            "the header (types, shapes, metadata) was changed after the "
                            "file was written, its checksum differs");
  }

  const std::filesystem::path& path_;
  std::span<const std::byte> data_;
  std::vector<ByteRange> ranges_;
  SafetensorsHeader header_;
};

}  // namespace

std::size_t item_size(Dtype dtype) { return dtype_table[static_cast<std::size_t>(dtype)].size; }
std::string_view dtype_name(Dtype dtype) {
  return dtype_table[static_cast<std::size_t>(dtype)].name;
}

core::DataError make_damage_error(const std::filesystem::path& path, const std::string& what) {
  return core::DataError(path.string() + ": damaged safetensors file: " + what +
                         "; copy or create the file again");
}

std::string make_header(std::span<const NamedTensor* const> tensors, const Metadata& metadata) {
  nlohmann::ordered_json header;
  header[metadata_key] = metadata;
  // Checksums are ordinary keys of the metadata, so other readers of the format ignore them.
  header[metadata_key][checksum_key] = compute_checksum(tensors);
  header[metadata_key][header_checksum_key] = no_checksum;
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
  const std::size_t position = find_header_checksum(text);
  return text.replace(position, no_checksum.size(), header_checksum(text, position));
}

SafetensorsHeader parse_header(const std::filesystem::path& path, std::string_view text,
                               std::span<const std::byte> data) {
  return HeaderParser(path, data).parse(text);
}

}  // namespace stationhit::data
