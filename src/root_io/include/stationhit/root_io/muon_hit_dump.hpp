// Reading and writing the ntuple "MuonHitDump", a TTree or RNTuple; hits as padded arrays of HDF5
// are read too. One entry is one event.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::root_io {

inline constexpr const char* default_tree = "MuonHitDump";

struct DumpWriterOptions {
  std::string tree = default_tree;
  // ROOT's setting: 100 * algorithm + level (1 zlib, 2 lzma, 4 lz4, 5 zstd). In a TTree zstd has no
  // checksum: damage may go unnoticed.
  int compression = 101;
  core::SampleInfo sample;  // stored in the user information of the tree
};

// Writes all 49 branches in the types of the experiment's files: vector<float|char|unsigned
// char|short|unsigned short|unsigned int|int|bool>, bucket_spacePoints vector<vector<unsigned
// short>>, truthLink vector<char>, header scalars. Writes aside; close() gives the file its name.
// Throws DataError naming the path (folder missing, disk full), and for events that the format
// cannot hold: more than 65535 hits, inconsistent columns.
class MuonHitDumpWriter : public core::EventWriter {
 public:
  explicit MuonHitDumpWriter(std::filesystem::path path, DumpWriterOptions options = {});
  ~MuonHitDumpWriter() override;
  void write(const core::Event& event) override;
  void close() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// How to handle an event that has NaN or Inf in a float column.
enum class NonFinite { fail, skip_event, keep };

// Events of all files one after the other.
struct EventRange {
  std::uint64_t first = 0;
  std::uint64_t count = std::numeric_limits<std::uint64_t>::max();  // fewer if the files end before
};

struct DumpReaderOptions {
  std::string tree = default_tree;
  NonFinite non_finite = NonFinite::fail;
  bool need_truth = true;  // false: truth branches may be missing (all hits are background then)
  bool leave_out_truth = false;  // the truth is not even read: all hits are background, no muons
  EventRange range;
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;
};

// Reads events from one or several files in the given order, each with the hits in a TTree, an
// RNTuple or padded arrays (hdf5_io/padded_file.hpp, for which the option `tree` means nothing).
// Every file is opened and its branches (fields, columns) are checked in the constructor.
//  * Branches: position, time, driftR, readOutSide, measEta/Phi, identifiers and (need_truth)
//    truthLink and truthMuon_pt/eta/phi are required. Header, edges, covariances,
//    nEtaInUse/nPhiInUse, buckets and truthMuon_e/q may be missing and are then 0 (weight 1, no
//    buckets). Where all edges are there, positions, measEta with measPhi and secChannel may be
//    missing: global positions are then the middle of the edges, measEta/Phi those of
//    core::derive_measured_coordinates, local positions 0 and secChannel -1. So may the numbers of
//    the header be of another type (an mcEventWeight that is a vector). Without need_truth, truth
//    that lacks one of its branches is not read.
//  * The trees MuonSPId and MuonBucketDump have other names and fewer columns and no muons
//    (related_trees.hpp): they can be read without need_truth, and missing_branches() says what
//    they lack, also core::whole_events and core::single_hits.
//  * Types: any numeric vector, RVec or C array is accepted, and its values are checked against
//    the range of the column of core::Event. Truth links >= 1e6 mean -1.
//  * Throws DataError naming the file (and entry, branch, value) for a file that is not a ROOT
//  file, is
//    truncated or was not closed (option unfinished: that shows nothing); a missing tree (with the
//    list of trees); a missing or non-numeric branch; damaged data; unequal lengths; links that
//    point nowhere; NaN or Inf (option).
// One reader per thread; several readers may work at the same time on the same file.
class MuonHitDumpReader : public core::EventReader {
 public:
  explicit MuonHitDumpReader(std::vector<std::filesystem::path> files,
                             DumpReaderOptions options = {});
  ~MuonHitDumpReader() override;
  bool next(core::Event& event) override;
  [[nodiscard]] std::string where() const override;
  // Events in the range, skipped ones included.
  [[nodiscard]] std::optional<std::uint64_t> size() const override;

  // Names of the optional branches that the files do not have, or have in a type that is not read.
  [[nodiscard]] const std::vector<std::string>& missing_branches() const;
  // The files that were not closed, with what they show.
  [[nodiscard]] const std::vector<core::UnfinishedFile>& unfinished_files() const;
  // Estimated memory for reading, from the layout of the files: a basket of every branch and the
  // read-ahead.
  [[nodiscard]] std::uint64_t buffer_bytes() const;
  // Events left out so far because of NaN or Inf.
  [[nodiscard]] std::uint64_t skipped() const;
  // Entry number (in its file) of the event that next() returned last.
  [[nodiscard]] std::uint64_t entry() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Number of entries of the tree. Throws as the reader does.
[[nodiscard]] std::uint64_t count_events(const std::filesystem::path& file,
                                         const std::string& tree = default_tree);

// The description of its events that a tree carries. MuonHitDumpWriter writes it and copies of the
// tree keep it; it is empty in other files. That of an RNTuple are texts beside it in the file:
// sample_origin, and sample_mu with one number. The pile-up is unknown where the tree has more
// events than it was written with: hadd keeps the description of its first file.
// Throws like the reader.
[[nodiscard]] core::SampleInfo read_sample_info(
    const std::filesystem::path& file, const std::string& tree = default_tree,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

}  // namespace stationhit::root_io
