// What holds the hits of a file: a TTree, an RNTuple or the padded arrays of an HDF5 file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ROOT/RNTupleReader.hxx>
#include <TFile.h>
#include <TTree.h>

#include "branch_sources.hpp"
#include "column_source.hpp"
#include "field_sources.hpp"
#include "padded_sources.hpp"
#include "related_trees.hpp"

namespace stationhit::root_io {

// Not thread-safe. Columns that were made from it must be destroyed before an RNTuple and after a
// TTree has been released.
class HitSource {
 public:
  // `name` may have folders before it. The file must outlive the object. Throws DataError naming
  // the file: no such object (with those that there are), one of another class, a damaged one.
  HitSource(TFile& file, const std::string& name);
  // The padded arrays of an HDF5 file. Throws DataError naming the file.
  explicit HitSource(const std::filesystem::path& file);

  [[nodiscard]] std::uint64_t entries() const;
  // nullptr for everything else.
  [[nodiscard]] TTree* tree() const { return tree_; }
  [[nodiscard]] std::string in_words() const;                                // "tree MuonHitDump"
  [[nodiscard]] std::string column_in_words(const std::string& name) const;  // "branch eventNumber"
  // One of the trees beside MuonHitDump, whose branches have other names; else nullptr. All names
  // below are those of the columns of core::Event, or hit_bucket.
  [[nodiscard]] const RelatedTree* related() const { return related_; }
  [[nodiscard]] bool has(const std::string& name) const;
  // The fields of an RNTuple; empty for a tree.
  [[nodiscard]] std::vector<std::string> fields() const;
  [[nodiscard]] std::string type_of(const std::string& name) const;

  // Sources of a column that is there; nullptr if it is of another type. Throws DataError naming
  // the file where ROOT refuses it.
  template <class Stored>
  [[nodiscard]] SourcePtr<std::vector<Stored>> find_vector(const std::string& name) {
    return find<std::vector<Stored>>(
        name, [](TBranch& branch) { return make_branch_vector<Stored>(branch); },
        [&](const std::string& field) { return make_field_vector<Stored>(*ntuple_, field); });
  }
  template <class Stored>
  [[nodiscard]] SourcePtr<std::vector<std::vector<Stored>>> find_lists(const std::string& name) {
    using Lists = std::vector<std::vector<Stored>>;
    return find<Lists>(
        name, [](TBranch& branch) { return make_branch_object<Lists>(branch); },
        [&](const std::string& field) { return make_field_lists<Stored>(*ntuple_, field); });
  }
  // Lists of this kind stand in branches only: as fields they are those of find_lists.
  template <class Stored>
  [[nodiscard]] SourcePtr<ROOT::RVec<ROOT::RVec<Stored>>> find_rvecs(const std::string& name) {
    using Lists = ROOT::RVec<ROOT::RVec<Stored>>;
    return find<Lists>(
        name, [](TBranch& branch) { return make_branch_object<Lists>(branch); },
        [](const std::string&) { return SourcePtr<Lists>(); });
  }
  [[nodiscard]] SourcePtr<Number> find_number(const std::string& name);

  // Before the columns of an entry are read. Throws DataError that begins with `place`.
  void go_to(long long entry, const std::string& place, const RootMessages& messages);
  // Memory for reading the columns that have been found. To be called before enable_cache().
  [[nodiscard]] std::uint64_t buffer_bytes() const;
  // Reads ahead in large pieces; no further columns are looked for. An RNTuple does so by itself.
  void enable_cache(long long first_entry, long long end_entry);
  // A tree no longer writes into the buffers of the columns.
  void release();

 private:
  template <class Values, class OfBranch, class OfField>
  SourcePtr<Values> find(const std::string& name, OfBranch&& of_branch, OfField&& of_field) {
    if (padded_ != nullptr) return make_padded_column<Values>(*padded_, name);
    if (tree_ == nullptr) return guard_field<Values>(name, of_field);
    TBranch& branch = *tree_->GetBranch(stored(name).c_str());
    SourcePtr<Values> source = of_branch(branch);
    if (source != nullptr) branches_.push_back(&branch);
    return source;
  }
  template <class Values, class OfField>
  SourcePtr<Values> guard_field(const std::string& name, OfField&& of_field) try {
    return of_field(stored(name));
  } catch (const std::exception& error) {
    throw core::DataError(
        file_ + ": field " + name + " of the type " + type_of(name) +
        " cannot be read; write it as a vector of numbers (ROOT: " + reason_of(error) + ")");
  }

  [[nodiscard]] bool holds(const std::string& stored) const;
  [[nodiscard]] std::string stored(const std::string& name) const;

  std::string file_, name_;
  const RelatedTree* related_ = nullptr;
  TTree* tree_ = nullptr;
  std::unique_ptr<ROOT::RNTupleReader> ntuple_;
  std::unique_ptr<hdf5_io::PaddedFile> padded_;
  std::vector<TBranch*> branches_;  // with a source
};

}  // namespace stationhit::root_io
