// Writes HDF5 files with arrays, right and wrong ones.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <hdf5.h>

namespace stationhit::hdf5_io::test {

inline constexpr float nan = std::numeric_limits<float>::quiet_NaN();

class ArrayFile {
 public:
  explicit ArrayFile(const std::filesystem::path& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~ArrayFile() { H5Fclose(file_); }
  ArrayFile(const ArrayFile&) = delete;
  ArrayFile& operator=(const ArrayFile&) = delete;

  [[nodiscard]] hid_t id() const { return file_; }

  // chunk: entries of the first dimension that are compressed together; 0: not at all.
  void write(const std::string& name, const std::vector<hsize_t>& shape,
             const std::vector<float>& values, hsize_t chunk = 0,
             hid_t stored = H5T_NATIVE_FLOAT) const {
    write_as(name, shape, H5T_NATIVE_FLOAT, values.data(), chunk, stored);
  }
  void write(const std::string& name, const std::vector<std::int64_t>& values,
             hid_t stored = H5T_STD_I16LE) const {
    write_as(name, {values.size()}, H5T_NATIVE_LONG, values.data(), 0, stored);
  }
  void write_texts(const std::string& name, const std::vector<std::string>& texts) const {
    std::string bytes;
    for (std::string text : texts) bytes += (text.resize(30), text);
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 30);
    const hsize_t n = texts.size();
    const hid_t space = H5Screate_simple(1, &n, nullptr);
    const hid_t attribute = H5Acreate2(file_, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, bytes.data());
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

 private:
  void write_as(const std::string& name, const std::vector<hsize_t>& shape, hid_t type,
                const void* values, hsize_t chunk, hid_t stored) const {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk > 0) {
      std::vector<hsize_t> extent = shape;
      extent.front() = chunk;
      H5Pset_chunk(properties, static_cast<int>(extent.size()), extent.data());
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 6);
      H5Pset_fletcher32(properties);
    }
    const hid_t dataset =
        H5Dcreate2(file_, name.c_str(), stored, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(dataset);
    H5Pclose(properties);
    H5Sclose(space);
  }

  hid_t file_;
};

// [events, rows, width]: row r of an event with n hits has the values event + r + column / 100 if
// r < n, NaN otherwise.
inline std::vector<float> padded(const std::vector<std::int64_t>& counts, std::size_t rows,
                                 std::size_t width) {
  std::vector<float> values;
  for (std::size_t event = 0; event < counts.size(); ++event)
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t column = 0; column < width; ++column)
        values.push_back(row < static_cast<std::size_t>(counts[event])
                             ? static_cast<float>(event + row) + static_cast<float>(column) / 100
                             : nan);
  return values;
}

}  // namespace stationhit::hdf5_io::test
