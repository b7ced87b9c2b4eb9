// Columns of the padded arrays of an HDF5 file as sources of columns. All numbers of hits and muons
// are float32 there.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <stationhit/hdf5_io/padded_file.hpp>

#include "column_source.hpp"

namespace stationhit::root_io {

inline constexpr const char* event_number_column = "eventNumber";

[[nodiscard]] bool has_padded_column(const hdf5_io::PaddedFile& file, const std::string& name);

// nullptr if the file has no such column. The file must outlive the sources.
[[nodiscard]] SourcePtr<std::vector<float>> make_padded_vector(hdf5_io::PaddedFile& file,
                                                               const std::string& name);
[[nodiscard]] SourcePtr<Number> make_padded_number(hdf5_io::PaddedFile& file,
                                                   const std::string& name);

// nullptr for values in another form than the file has them.
template <class Values>
[[nodiscard]] SourcePtr<Values> make_padded_column(hdf5_io::PaddedFile& file,
                                                   const std::string& name) {
  if constexpr (std::is_same_v<Values, std::vector<float>>) {
    return make_padded_vector(file, name);
  } else if constexpr (std::is_same_v<Values, Number>) {
    return make_padded_number(file, name);
  } else {
    return nullptr;
  }
}

}  // namespace stationhit::root_io
