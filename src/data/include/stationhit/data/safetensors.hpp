// Files of named tensors in the safetensors format: weights, checkpoints, materialized sets. Free
// of Torch: a tensor here is bytes with a type and a shape. Layout: 8 bytes length of the header
// (little endian), header (JSON), data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stationhit::data {

enum class Dtype : std::uint8_t {
  boolean,
  u8,
  i8,
  u16,
  i16,
  f16,
  bf16,
  u32,
  i32,
  f32,
  u64,
  i64,
  f64
};

[[nodiscard]] std::size_t item_size(Dtype dtype);  // bytes
[[nodiscard]] std::string_view dtype_name(
    Dtype dtype);  // as in the file: "F32", "I64", "BOOL", ...

template <class T>
inline constexpr Dtype dtype_of = [] {
  if constexpr (std::is_same_v<T, bool>)
    return Dtype::boolean;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return Dtype::u8;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return Dtype::i8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return Dtype::u16;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return Dtype::i16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return Dtype::u32;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return Dtype::i32;
  else if constexpr (std::is_same_v<T, float>)
    return Dtype::f32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return Dtype::u64;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return Dtype::i64;
  else {
    static_assert(std::is_same_v<T, double>, "no safetensors type for T");
    return Dtype::f64;
  }
}();

// A tensor somebody else owns. Row-major; a scalar has an empty shape and one element.
struct TensorView {
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;  // item_size(dtype) * n_elements() bytes

  [[nodiscard]] std::size_t n_elements() const { return bytes.size() / item_size(dtype); }
};

template <class T>
[[nodiscard]] TensorView view_tensor(std::span<const T> values, std::vector<std::int64_t> shape) {
  return {dtype_of<T>, std::move(shape), std::as_bytes(values)};
}

struct NamedTensor {
  std::string name;
  TensorView tensor;
};

// Free text by key, as the format allows it. "xxh3_64" and "header_xxh3_64" are reserved: the
// checksums of the data and of the header, put there by write_safetensors.
using Metadata = std::map<std::string, std::string>;

// Written aside and renamed. Tensors are laid out by falling item size, then by name, so that each
// is aligned. Throws DataError naming the file (disk full, folder missing). Two tensors of one
// name, or bytes that do not fit type and shape, are bugs of the caller (asserted).
void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata = {});

// A memory-mapped file; tensors point into the mapping and live as long as this object. Opening
// checks the header completely: throws DataError naming the file and what is wrong (truncated, not
// JSON, unknown type, shape that does not fit the bytes, overlapping or missing ranges, a header
// that differs from its checksum).
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] const std::vector<std::string>& names() const;  // ascending
  [[nodiscard]] bool contains(const std::string& name) const;
  // Throws DataError naming the file, the name and the nearest one that the file has.
  [[nodiscard]] const TensorView& at(const std::string& name) const;
  [[nodiscard]] const Metadata& metadata() const;  // without the checksums
  [[nodiscard]] const std::string& checksum()
      const;  // "xxh3_64" as stored; empty in files of other programs

  // Reads all data and compares with the stored checksum; throws DataError on a difference. Files
  // of other programs have no checksum and pass.
  void verify_content() const;

  // Gives the memory back that the data read so far take, for a file that stays open. Data that
  // are used again are read again.
  void drop_pages() const;

  // The values of tensor `name`. Throws DataError if it has another type.
  template <class T>
  [[nodiscard]] std::span<const T> values(const std::string& name) const {
    const std::span<const std::byte> bytes = bytes_as(name, dtype_of<T>);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

 private:
  [[nodiscard]] std::span<const std::byte> bytes_as(const std::string& name, Dtype dtype) const;
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace stationhit::data
