// The branches of one open MuonHitDump tree, matched with the columns of core::Event.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <TTree.h>

#include <stationhit/core/event.hpp>

#include "branch_columns.hpp"

namespace stationhit::root_io {

enum class TruthColumns { needed, if_complete, left_out };

class DumpColumns {
 public:
  // Throws DataError naming the file and the first needed branch that is missing, or a branch that
  // is not numeric.
  DumpColumns(TTree& tree, std::string file, TruthColumns truth);

  // Fills every column of the event; columns without a branch get their defaults. The caller has
  // called LoadTree.
  void read(long long entry, core::Event& event, const RootMessages& messages);

  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }
  // Memory for reading: one basket of every column, compressed and not, and the data that is read
  // ahead. Call it before enable_cache().
  [[nodiscard]] std::uint64_t buffer_bytes() const;
  // Reads ahead in large pieces.
  void enable_cache(long long first_entry, long long end_entry);

 private:
  // The branch, or nullptr (and a note in missing_) if it may be absent.
  TBranch* find(const std::string& name);
  [[nodiscard]] bool reads_truth() const;
  void add(std::unique_ptr<BranchColumn> column, const std::string& name);
  template <class Target>
  void add_scalar(const std::string& name, Target core::EventHeader::*member);
  void add_header();
  void add_hits();
  void add_muons();
  void add_buckets();

  TTree* tree_;
  std::string file_;
  TruthColumns truth_;
  bool narrow_bucket_hits_ = false;
  bool has_buckets_ = false;
  core::Event* event_ = nullptr;  // the one that read() is filling
  std::vector<std::unique_ptr<BranchColumn>> columns_;
  std::vector<std::string> missing_;
  std::vector<std::function<void(core::Event&)>> defaults_;
};

}  // namespace stationhit::root_io
