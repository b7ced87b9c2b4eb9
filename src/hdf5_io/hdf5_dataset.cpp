// Only values that stand in the file itself are read: links and storage in other files would let a
// file name any other one on the machine.
#include "hdf5_dataset.hpp"

#include <array>
#include <cassert>
#include <cstring>
#include <numeric>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::hdf5_io {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& name,
                         const std::string& reason) {
  throw core::DataError(where + ": " + name + " " + reason);
}

void require_own_values(const Handle& file, const std::string& name, const std::string& where) {
  H5L_info_t link{};
  if (H5Lget_info(file.id(), name.c_str(), &link, H5P_DEFAULT) < 0)
    refuse(where, name, "cannot be read; copy the file again (HDF5: " + failure_text() + ")");
  if (link.type != H5L_TYPE_HARD)
    refuse(where, name, "is a link; give the file that holds the dataset");
}

void require_own_storage(const Handle& dataset, const std::string& name, const std::string& where) {
  const Handle properties(H5Dget_create_plist(dataset.id()), H5Pclose);
  if (!properties.is_open() || H5Pget_external_count(properties.id()) != 0 ||
      H5Pget_layout(properties.id()) == H5D_VIRTUAL)
    refuse(where, name, "has its values in other files; write it with its values into one");
}

std::vector<std::uint64_t> shape_of(const Handle& dataset, const std::string& name,
                                    const std::string& where) {
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const int rank = space.is_open() ? H5Sget_simple_extent_ndims(space.id()) : -1;
  std::vector<hsize_t> shape(rank < 0 ? 0 : static_cast<std::size_t>(rank));
  if (rank < 0 || H5Sget_simple_extent_dims(space.id(), shape.data(), nullptr) < 0)
    refuse(where, name,
           "has no readable shape; copy the file again (HDF5: " + failure_text() + ")");
  return {shape.begin(), shape.end()};
}

// Texts of fixed length end with zeros or spaces.
std::string trimmed(std::string_view text) {
  text = text.substr(0, text.find('\0'));
  return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
}

std::vector<std::string> read_fixed(hid_t attribute, hid_t type, std::size_t count) {
  const std::size_t length = H5Tget_size(type);
  std::string bytes(count * length, '\0');
  if (H5Aread(attribute, type, bytes.data()) < 0) return {};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back(trimmed(std::string_view(bytes).substr(i * length, length)));
  return texts;
}

std::vector<std::string> read_variable(hid_t attribute, hid_t type, hid_t space,
                                       std::size_t count) {
  std::vector<char*> pointers(count, nullptr);
  if (H5Aread(attribute, type, pointers.data()) < 0) return {};
  std::vector<std::string> texts;
  for (const char* text : pointers) texts.emplace_back(text == nullptr ? "" : text);
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
  return texts;
}

}  // namespace

std::optional<Dataset> Dataset::find(const Handle& file, const std::string& name,
                                     const std::string& where) {
  const htri_t exists = H5Lexists(file.id(), name.c_str(), H5P_DEFAULT);
  if (exists == 0) return std::nullopt;
  require_own_values(file, name, where);
  Dataset dataset;
  dataset.name_ = name;
  dataset.id_ = Handle(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!dataset.id_.is_open())
    refuse(where, name,
           "is no readable dataset; copy the file again (HDF5: " + failure_text() + ")");
  require_own_storage(dataset.id_, name, where);
  dataset.shape_ = shape_of(dataset.id_, name, where);
  const Handle type(H5Dget_type(dataset.id_.id()), H5Tclose);
  dataset.class_ = H5Tget_class(type.id());
  dataset.bytes_per_value_ = H5Tget_size(type.id());
  dataset.is_signed_ = dataset.is_integer() && H5Tget_sign(type.id()) == H5T_SGN_2;
  return dataset;
}

std::string Dataset::shape_text() const {
  std::vector<std::string> numbers;
  for (const std::uint64_t n : shape_) numbers.push_back(std::to_string(n));
  return "[" + core::join(numbers) + "]";
}

std::string Dataset::type_text() const {
  const std::string bits = std::to_string(8 * bytes_per_value_);
  if (is_floating()) return "float" + bits;
  if (is_integer()) return (is_signed_ ? "int" : "uint") + bits;
  return "other";
}

std::uint64_t Dataset::stored_bytes() const { return H5Dget_storage_size(id_.id()); }

std::uint64_t Dataset::rows_per_chunk() const {
  const Handle properties(H5Dget_create_plist(id_.id()), H5Pclose);
  if (shape_.empty() || H5Pget_layout(properties.id()) != H5D_CHUNKED) return 0;
  std::vector<hsize_t> chunk(shape_.size());
  const int rank = H5Pget_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
  return rank == static_cast<int>(chunk.size()) ? chunk.front() : 0;
}

void Dataset::read(std::uint64_t first, std::uint64_t count, std::span<float> values,
                   const std::string& where) const {
  read_as(H5T_NATIVE_FLOAT, first, count, values.data(), where);
}

void Dataset::read(std::uint64_t first, std::uint64_t count, std::span<std::int64_t> values,
                   const std::string& where) const {
  static_assert(sizeof(std::int64_t) == sizeof(long));
  read_as(H5T_NATIVE_LONG, first, count, values.data(), where);
}

void Dataset::read_as(hid_t type, std::uint64_t first, std::uint64_t count, void* values,
                      const std::string& where) const {
  assert(!shape_.empty() && first + count <= shape_.front());
  std::vector<hsize_t> start(shape_.size(), 0), extent(shape_.begin(), shape_.end());
  start.front() = first;
  extent.front() = count;
  const Handle space(H5Dget_space(id_.id()), H5Sclose);
  const Handle memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                      H5Sclose);
  const bool failed = H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr,
                                          extent.data(), nullptr) < 0 ||
                      H5Dread(id_.id(), type, memory.id(), space.id(), H5P_DEFAULT, values) < 0;
  if (failed)
    refuse(where, name_,
           "is damaged; copy the file again or leave it out (HDF5: " + failure_text() + ")");
}

std::optional<std::vector<std::string>> read_texts(const Handle& file, const std::string& name,
                                                   const std::string& where) {
  constexpr hssize_t most_texts = 1000;
  constexpr std::size_t longest_text = 1000;
  if (H5Aexists(file.id(), name.c_str()) <= 0) return std::nullopt;
  const Handle attribute(H5Aopen(file.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  const Handle space(H5Aget_space(attribute.id()), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  std::vector<std::string> texts;
  if (H5Tget_class(type.id()) == H5T_STRING && count > 0 && count <= most_texts &&
      H5Tget_size(type.id()) <= longest_text) {
    const auto n = static_cast<std::size_t>(count);
    texts = H5Tis_variable_str(type.id()) > 0
                ? read_variable(attribute.id(), type.id(), space.id(), n)
                : read_fixed(attribute.id(), type.id(), n);
  }
  if (texts.empty())
    refuse(where, "the attribute " + name, "is no list of names; remove it or write it again");
  return texts;
}

}  // namespace stationhit::hdf5_io
