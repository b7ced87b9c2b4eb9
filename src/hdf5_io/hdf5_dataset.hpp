// A dataset of numbers. Private to the module; the caller holds a LibraryLock.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdf5_handles.hpp"

namespace stationhit::hdf5_io {

class Dataset {
 public:
  // Nothing if the file has no object of this name. Throws DataError that begins with `where`: no
  // dataset, or one whose values stand in another file.
  [[nodiscard]] static std::optional<Dataset> find(const Handle& file, const std::string& name,
                                                   const std::string& where);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  [[nodiscard]] std::string shape_text() const;  // "[2000, 8000, 20]"
  [[nodiscard]] std::string type_text() const;   // "float32", "int16", "other"
  [[nodiscard]] bool is_floating() const { return class_ == H5T_FLOAT; }
  [[nodiscard]] bool is_integer() const { return class_ == H5T_INTEGER; }
  [[nodiscard]] std::uint64_t stored_bytes() const;
  // Entries of the first dimension that are compressed together; 0 if nothing is.
  [[nodiscard]] std::uint64_t rows_per_chunk() const;

  // Entries [first, first + count) of the first dimension with all that belongs to them. `values`
  // has room for exactly these. Throws DataError that begins with `where`.
  void read(std::uint64_t first, std::uint64_t count, std::span<float> values,
            const std::string& where) const;
  void read(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> values,
            const std::string& where) const;

 private:
  void read_as(hid_t type, std::uint64_t first, std::uint64_t count, void* values,
               const std::string& where) const;

  std::string name_;
  Handle id_;
  std::vector<std::uint64_t> shape_;
  H5T_class_t class_ = H5T_NO_CLASS;
  std::size_t bytes_per_value_ = 0;
  bool is_signed_ = true;
};

// Texts of an attribute of the file; nothing if there is no such attribute. Throws DataError that
// begins with `where` if it is no list of texts.
[[nodiscard]] std::optional<std::vector<std::string>> read_texts(const Handle& file,
                                                                 const std::string& name,
                                                                 const std::string& where);

}  // namespace stationhit::hdf5_io
