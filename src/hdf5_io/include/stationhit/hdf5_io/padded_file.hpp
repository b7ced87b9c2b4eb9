// Hits of events as padded arrays in an HDF5 file, as public pipelines of muon reconstruction keep
// them. Datasets (the names of the columns are those of the branches of the ntuple):
//  * hits [events, most hits, columns], floating point: the hits of an event and then NaN. The
//    columns are those of standard_hit_columns(), or those that the attribute hit_features of the
//    file names;
//  * tracks [events, most muons, columns], optional, in the same way: standard_muon_columns() or
//    the attribute track_features;
//  * num_hits, num_tracks, event_numbers [events], optional integers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace stationhit::hdf5_io {

// spacePoint_globEdgeHighX ... spacePoint_truthLink: 20 columns in the order of the layout.
[[nodiscard]] std::span<const std::string> standard_hit_columns();
// truthMuon_pt, eta, phi, q.
[[nodiscard]] std::span<const std::string> standard_muon_columns();

enum class PaddedTable { hits, tracks };

// Reads a block of events at a time: chunks of compressed files hold several events. One object per
// thread; the HDF5 library itself is entered by one thread at a time.
class PaddedFile {
 public:
  // Throws DataError naming the file: it cannot be read, is truncated, lacks `hits`, or has a
  // dataset of another shape or type; in builds without the HDF5 library, always.
  explicit PaddedFile(const std::filesystem::path& path);
  ~PaddedFile();
  PaddedFile(const PaddedFile&) = delete;
  PaddedFile& operator=(const PaddedFile&) = delete;

  [[nodiscard]] std::uint64_t events() const;
  // Names in the order of the last dimension; none if the file has no such table.
  [[nodiscard]] const std::vector<std::string>& columns(PaddedTable table) const;
  [[nodiscard]] bool has_event_numbers() const;
  // Memory of a block and of an event.
  [[nodiscard]] std::uint64_t buffer_bytes() const;

  // A column of an event without its padding. The caller may take the values. Throws DataError
  // naming file, event and dataset: damaged, a number of rows that the table cannot hold, values
  // behind the last row.
  [[nodiscard]] std::vector<float>& read(PaddedTable table, std::size_t column,
                                         std::uint64_t event);
  // Throws DataError as read() does, and for negative numbers.
  [[nodiscard]] std::uint64_t event_number(std::uint64_t event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct DatasetDescription {
  std::string name;
  std::string type;                  // "float32", "int16", "other"
  std::vector<std::uint64_t> shape;  // empty for a scalar
  std::uint64_t bytes = 0;           // on disk
};

// The datasets of the file that stand in no group, at most the first hundred. Throws DataError as
// PaddedFile does.
[[nodiscard]] std::vector<DatasetDescription> list_datasets(const std::filesystem::path& path);

}  // namespace stationhit::hdf5_io
