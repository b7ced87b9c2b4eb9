// The columns of core::Event, matched with the branches or fields of one open file.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>

#include "columns.hpp"
#include "hit_source.hpp"

namespace stationhit::root_io {

enum class TruthColumns { needed, if_complete, left_out };

class DumpColumns {
 public:
  // `source` must outlive the columns. Throws DataError naming the file and the first needed column
  // that is missing, or one that is not numeric.
  DumpColumns(HitSource& source, std::string file, TruthColumns truth);

  // Fills every column of the event; columns that the file does not have get their defaults, or
  // follow from the ends of the sensitive elements. The caller has called go_to() of the source.
  void read(long long entry, core::Event& event, const RootMessages& messages);

  [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

 private:
  // False (with a note in missing_) if the column is absent and may be.
  bool find(const std::string& name);
  [[nodiscard]] bool may_lack(const std::string& name) const;
  [[nodiscard]] bool has_all_edges() const;
  [[nodiscard]] bool has_any(std::span<const char* const> names) const;
  void derive(core::Event& event, long long entry) const;
  [[noreturn]] void refuse_missing(const std::string& name) const;
  [[nodiscard]] bool reads_truth() const;
  void add(std::unique_ptr<Column> column, const std::string& name);
  template <class Target>
  void add_vector(const std::string& name, std::function<std::vector<Target>&()> target);
  template <class Target>
  void add_scalar(const std::string& name, Target core::EventHeader::*member);
  template <class... Types>
  [[nodiscard]] std::unique_ptr<Column> make_bucket_hits(TypeList<Types...>);
  [[nodiscard]] std::unique_ptr<Column> make_flat_bucket_hits();
  void add_header();
  void add_hits();
  void add_muons();
  void add_buckets();
  void add_related_buckets();
  void set_related_buckets(core::Event& event) const;

  HitSource* source_;
  std::string file_;
  TruthColumns truth_;
  bool narrow_bucket_hits_ = false;
  bool has_buckets_ = false;
  std::vector<std::uint32_t> hit_buckets_;  // of a related tree
  float bucket_min_ = 0, bucket_max_ = 0;   // mm
  long long entry_ = 0;                     // that read() is reading
  bool derives_positions_ = false;
  bool derives_measured_coordinates_ = false;
  core::Event* event_ = nullptr;  // the one that read() is filling
  std::vector<std::unique_ptr<Column>> columns_;
  std::vector<std::string> missing_;
  std::vector<std::function<void(core::Event&)>> defaults_;
};

}  // namespace stationhit::root_io
