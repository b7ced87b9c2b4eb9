// Each column of the event is matched with its branch or field once per file: either a Column that
// reads and converts it, or a default if an optional one is missing. Reading an entry is then a
// loop over these. The type of a branch is known only when the file is open, the type of the column
// at compile time: the first of the supported types that is the stored one makes the column.
#include "dump_columns.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

#include <stationhit/core/derived_columns.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/text.hpp>

#include "header_numbers.hpp"
#include "related_trees.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {
namespace {

// Columns that any file may lack. What is computed from them is refused for such a file.
bool is_optional(std::string_view name) {
  constexpr std::array<std::string_view, 5> hit_columns{"spacePoint_globEdge", "spacePoint_cov",
                                                        "spacePoint_nEtaInUse",
                                                        "spacePoint_nPhiInUse", "bucket_"};
  for (const std::string_view start : hit_columns)
    if (name.starts_with(start)) return true;
  if (name == "truthMuon_e" || name == "truthMuon_q") return true;
  return !name.starts_with("spacePoint_") && !name.starts_with("truthMuon_");
}

// Columns that a file may lack if it has the ends of the sensitive elements instead, as in padded
// arrays. Where a hit is and whether it measures only phi follow from these.
bool is_replaced_by_edges(std::string_view name) {
  constexpr std::array<std::string_view, 4> columns{"spacePoint_Position", "spacePoint_globPos",
                                                    "spacePoint_meas", "spacePoint_secChannel"};
  return std::ranges::any_of(columns,
                             [&](std::string_view start) { return name.starts_with(start); });
}

constexpr std::array<const char*, 3> global_positions{"spacePoint_globPosX", "spacePoint_globPosY",
                                                      "spacePoint_globPosZ"};
constexpr std::array<const char*, 2> measured_coordinates{"spacePoint_measEta",
                                                          "spacePoint_measPhi"};

// Files of real data have neither muons nor links; all other columns are there.
bool is_truth(std::string_view name) {
  return name.starts_with("truthMuon_") || name == "spacePoint_truthLink";
}

template <class Target>
constexpr Target default_value(std::string_view name) {
  // No chamber has the number 0.
  if (name == "spacePoint_stationPhi") return Target{1};
  const bool is_none = name == "spacePoint_truthLink" || name == "spacePoint_secChannel";
  return is_none ? static_cast<Target>(core::no_muon) : Target{};
}

// The first column that is not nullptr; `make` is called with a pointer to each type.
template <class Make, class... Types>
std::unique_ptr<Column> make_column(TypeList<Types...>, Make&& make) {
  std::unique_ptr<Column> column;
  (void)(((column = make(static_cast<const Types*>(nullptr))) != nullptr) || ...);
  return column;
}

}  // namespace

DumpColumns::DumpColumns(HitSource& source, std::string file, TruthColumns truth)
    : source_(&source), file_(std::move(file)), truth_(truth) {
  add_header();
  add_hits();
  add_muons();
  add_buckets();
}

// Links without muons, or muons without some of their columns, are no truth that could be checked.
bool DumpColumns::reads_truth() const {
  if (truth_ == TruthColumns::needed) return true;
  constexpr std::array<const char*, 4> columns{"spacePoint_truthLink", "truthMuon_pt",
                                               "truthMuon_eta", "truthMuon_phi"};
  return truth_ == TruthColumns::if_complete &&
         std::ranges::all_of(columns, [this](const char* name) { return source_->has(name); });
}

bool DumpColumns::has_any(std::span<const char* const> names) const {
  return std::ranges::any_of(names, [this](const char* name) { return source_->has(name); });
}

bool DumpColumns::has_all_edges() const {
  constexpr std::array<const char*, 6> edges{
      "spacePoint_globEdgeLowX",  "spacePoint_globEdgeLowY",  "spacePoint_globEdgeLowZ",
      "spacePoint_globEdgeHighX", "spacePoint_globEdgeHighY", "spacePoint_globEdgeHighZ"};
  return std::ranges::all_of(edges, [this](const char* name) { return source_->has(name); });
}

// What follows from the edges follows as a whole. Of what a hit measures one half says nothing: a
// strip with a phi measurement may have both.
bool DumpColumns::may_lack(const std::string& name) const {
  if (is_optional(name)) return true;
  if (is_truth(name)) return truth_ != TruthColumns::needed;
  if (source_->related() != nullptr) return true;
  if (!is_replaced_by_edges(name) || !has_all_edges()) return false;
  if (name.starts_with("spacePoint_meas")) return !has_any(measured_coordinates);
  return !name.starts_with("spacePoint_globPos") || !has_any(global_positions);
}

bool DumpColumns::find(const std::string& name) {
  if (source_->has(name) && (!is_truth(name) || reads_truth())) return true;
  if (!may_lack(name)) refuse_missing(name);
  missing_.push_back(name);
  return false;
}

void DumpColumns::refuse_missing(const std::string& name) const {
  const std::string start = file_ + ": " + source_->in_words() + " has no " +
                            source_->column_in_words(name) + ", which is needed; ";
  if (const RelatedTree* related = source_->related())
    throw core::DataError(file_ + ": " + source_->in_words() + " has the " + related->content +
                          " (" + related->name +
                          ") and no muons: it can be scored (infer), not prepared or trained on; "
                          "give the MuonHitDump of the same events");
  throw core::DataError(start + "check that the file has hits and " +
                        (is_truth(name)
                             ? "truth (data without truth can be inferred, not trained on)"
                             : "the right tree was named"));
}

void DumpColumns::add(std::unique_ptr<Column> column, const std::string& name) {
  if (column == nullptr) {
    throw core::DataError(file_ + ": " + source_->column_in_words(name) + " has the type " +
                          source_->type_of(name) +
                          ", which is not one of numbers in the expected form; see the table of "
                          "branches in the documentation");
  }
  // An entry is read in this order; defaults are set afterwards, when the lengths of the other
  // columns are known.
  columns_.push_back(std::move(column));
}

template <class Target>
void DumpColumns::add_vector(const std::string& name,
                             std::function<std::vector<Target>&()> target) {
  const bool is_link = name == "spacePoint_truthLink";
  add(make_column(NumericTypes{},
                  [&]<class Stored>(const Stored*) -> std::unique_ptr<Column> {
                    auto source = source_->find_vector<Stored>(name);
                    if (source == nullptr) return nullptr;
                    return std::make_unique<VectorColumn<Stored, Target>>(std::move(source), target,
                                                                          is_link);
                  }),
      name);
}

template <class Target>
void DumpColumns::add_scalar(const std::string& name, Target core::EventHeader::*member) {
  const bool is_there = find(name);
  auto source = is_there ? source_->find_number(name) : nullptr;
  if (source != nullptr) {
    columns_.push_back(std::make_unique<ScalarColumn<Target>>(
        std::move(source), [this, member]() -> Target& { return event_->header.*member; }));
  } else {
    // A number of the header in another form (weights as a vector) is no reason to refuse the hits.
    if (is_there) missing_.push_back(name);
    defaults_.emplace_back(
        [member](core::Event& event) { event.header.*member = core::EventHeader{}.*member; });
  }
}

void DumpColumns::add_header() {
  for_each_header_number([this](const char* name, auto member) { add_scalar(name, member); });
}

void DumpColumns::add_hits() {
  core::for_each_hit_column([&](const char* column, auto member) {
    const std::string name = std::string("spacePoint_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->hits.*member)>::value_type;
    if (find(name)) {
      add_vector<Target>(name,
                         [this, member]() -> std::vector<Target>& { return event_->hits.*member; });
    } else {
      defaults_.emplace_back([member, value = default_value<Target>(name)](core::Event& event) {
        // The number of hits is that of a column that every file has.
        (event.hits.*member).assign(event.hits.station_index.size(), value);
      });
    }
  });
  if (!has_all_edges()) return;
  derives_positions_ = !has_any(global_positions);
  derives_measured_coordinates_ = !has_any(measured_coordinates);
}

void DumpColumns::add_muons() {
  core::for_each_muon_column([&](const char* column, auto member) {
    const std::string name = std::string("truthMuon_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->muons.*member)>::value_type;
    if (find(name)) {
      add_vector<Target>(
          name, [this, member]() -> std::vector<Target>& { return event_->muons.*member; });
    } else {
      defaults_.emplace_back(
          [member](core::Event& event) { (event.muons.*member).assign(event.muons.size(), 0); });
    }
  });
}

template <class... Types>
std::unique_ptr<Column> DumpColumns::make_bucket_hits(TypeList<Types...> types) {
  const std::string name = "bucket_spacePoints";
  const auto target = [this]() -> core::BucketTable& { return event_->buckets; };
  const auto make = [&]<class Lists>(SourcePtr<Lists> source, std::size_t index_bytes) {
    std::unique_ptr<Column> column;
    if (source == nullptr) return column;
    narrow_bucket_hits_ = index_bytes <= 2;
    column = std::make_unique<BucketHitsColumn<Lists>>(std::move(source), target);
    return column;
  };
  return make_column(types, [&]<class Stored>(const Stored*) {
    auto column = make(source_->find_lists<Stored>(name), sizeof(Stored));
    return column != nullptr ? std::move(column)
                             : make(source_->find_rvecs<Stored>(name), sizeof(Stored));
  });
}

std::unique_ptr<Column> DumpColumns::make_flat_bucket_hits() {
  auto lengths = source_->find_vector<std::uint32_t>(bucket_lengths_field);
  auto hits = source_->find_vector<std::uint32_t>("bucket_spacePoints");
  if (lengths == nullptr || hits == nullptr) return nullptr;
  return std::make_unique<FlatBucketHitsColumn>(
      std::move(lengths), std::move(hits),
      [this]() -> core::BucketTable& { return event_->buckets; });
}

void DumpColumns::add_related_buckets() {
  const bool entry_is_bucket = source_->related()->entry_is_bucket;
  missing_.emplace_back(core::single_hits);
  if (entry_is_bucket) missing_.emplace_back(core::whole_events);
  core::for_each_bucket_column([&](const char* column, auto) {
    const std::string name = std::string("bucket_") + column;
    if (!source_->has(name)) missing_.push_back(name);
  });
  const auto add_limit = [this](const char* name, float& limit) {
    if (!source_->has(name)) return;
    auto source = source_->find_number(name);
    if (source == nullptr) return missing_.emplace_back(name), void();
    columns_.push_back(std::make_unique<ScalarColumn<float>>(
        std::move(source), [&limit]() -> float& { return limit; }));
  };
  add_limit("bucket_xMin", bucket_min_);
  add_limit("bucket_xMax", bucket_max_);
  has_buckets_ = entry_is_bucket || source_->has(hit_bucket);
  if (!has_buckets_) missing_.emplace_back("bucket_spacePoints");
  if (source_->has(hit_bucket))
    add_vector<std::uint32_t>(hit_bucket,
                              [this]() -> std::vector<std::uint32_t>& { return hit_buckets_; });
  defaults_.emplace_back([this](core::Event& event) { set_related_buckets(event); });
}

// A new bucket begins where the number changes: it is one of 8 bits and starts again.
void DumpColumns::set_related_buckets(core::Event& event) const {
  core::BucketTable& buckets = event.buckets;
  buckets = {};
  const std::size_t n = event.hits.station_index.size();
  if (!has_buckets_) return;
  const bool entry_is_bucket = source_->related()->entry_is_bucket;
  if (!entry_is_bucket && hit_buckets_.size() != n)
    throw core::DataError(file_ + ", entry " + std::to_string(entry_) + ": " +
                          source_->column_in_words(hit_bucket) + " has " +
                          std::to_string(hit_buckets_.size()) + " values, the hits are " +
                          std::to_string(n) + "; the event is damaged, recreate the file");
  buckets.offsets.push_back(0);
  for (std::size_t hit = 0; hit < n; ++hit) {
    const bool begins =
        hit == 0 || (!entry_is_bucket && hit_buckets_[hit] != hit_buckets_[hit - 1]);
    if (begins) {
      buckets.index.push_back(static_cast<std::uint16_t>(buckets.index.size()));
      buckets.station_index.push_back(event.hits.station_index[hit]);
      buckets.offsets.push_back(buckets.offsets.back());
    }
    buckets.hits.push_back(static_cast<std::uint32_t>(hit));
    ++buckets.offsets.back();
  }
  const std::size_t n_buckets = buckets.index.size();
  buckets.station_eta.assign(n_buckets, 0);
  buckets.station_phi.assign(n_buckets, 1);
  buckets.x_min.assign(n_buckets, bucket_min_);
  buckets.x_max.assign(n_buckets, bucket_max_);
}

void DumpColumns::add_buckets() {
  if (source_->related() != nullptr) return add_related_buckets();
  has_buckets_ = find("bucket_spacePoints");
  if (has_buckets_)
    add(source_->has(bucket_lengths_field) ? make_flat_bucket_hits()
                                           : make_bucket_hits(NestedIndexTypes{}),
        "bucket_spacePoints");
  core::for_each_bucket_column([&](const char* column, auto member) {
    const std::string name = std::string("bucket_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->buckets.*member)>::value_type;
    const bool is_there = find(name);
    if (is_there && has_buckets_) {  // without their hits the buckets are of no use
      add_vector<Target>(
          name, [this, member]() -> std::vector<Target>& { return event_->buckets.*member; });
    } else if (has_buckets_) {
      defaults_.emplace_back([member](core::Event& event) {
        (event.buckets.*member).assign(event.buckets.offsets.size() - 1, 0);
      });
    }
  });
  if (!has_buckets_) defaults_.emplace_back([](core::Event& event) { event.buckets = {}; });
}

void DumpColumns::derive(core::Event& event, long long entry) const {
  if (!derives_positions_ && !derives_measured_coordinates_) return;
  core::check_consistency(event, file_ + ", entry " + std::to_string(entry));
  if (derives_positions_) core::derive_global_positions(event.hits);
  if (derives_measured_coordinates_) core::derive_measured_coordinates(event.hits);
}

void DumpColumns::read(long long entry, core::Event& event, const RootMessages& messages) {
  // The columns were bound to a function that gives the current event, because the caller may pass
  // another one each time.
  event_ = &event;
  entry_ = entry;
  for (const auto& column : columns_) column->read(entry, messages, file_);
  for (const auto& set : defaults_) set(event);
  derive(event, entry);
  event_ = nullptr;
  // Files with 16-bit indices are common; above this size they cannot refer to all hits and have
  // silently wrapped around where they were written.
  if (narrow_bucket_hits_ && event.hits.size() > 65536) {
    throw core::DataError(file_ + ", entry " + std::to_string(entry) + ": " +
                          std::to_string(event.hits.size()) +
                          " hits, but bucket_spacePoints has 16-bit indices, which have "
                          "overflowed; recreate the file with wider ones");
  }
}

}  // namespace stationhit::root_io
