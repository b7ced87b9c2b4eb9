// Each column of the event is matched with its branch once per file: either a BranchColumn that
// reads and converts it, or a default if an optional branch is missing. Reading an entry is then a
// loop over these, and the tree's cache is told exactly which branches to read ahead.
#include "dump_columns.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::root_io {
namespace {

constexpr long long cache_bytes = 8LL << 20;  // ROOT takes it at once
constexpr int first_basket_bytes = 32000;  // ROOT makes two buffers of the size with which a basket
                                           // was written; these grow to what is in it

// Branches that are optional: features, graphs, cuts and plots do not need them.
bool is_optional(std::string_view name) {
  constexpr std::array<std::string_view, 5> hit_columns{"spacePoint_globEdge", "spacePoint_cov",
                                                        "spacePoint_nEtaInUse",
                                                        "spacePoint_nPhiInUse", "bucket_"};
  for (const std::string_view start : hit_columns)
    if (name.starts_with(start)) return true;
  if (name == "truthMuon_e" || name == "truthMuon_q") return true;
  return !name.starts_with("spacePoint_") && !name.starts_with("truthMuon_");
}

// Files of real data have neither muons nor links; all other columns are there.
bool is_truth(std::string_view name) {
  return name.starts_with("truthMuon_") || name == "spacePoint_truthLink";
}

template <class Target>
constexpr Target default_value(std::string_view name) {
  return name == "spacePoint_truthLink" ? static_cast<Target>(core::no_muon) : Target{};
}

}  // namespace

DumpColumns::DumpColumns(TTree& tree, std::string file, TruthColumns truth)
    : tree_(&tree), file_(std::move(file)), truth_(truth) {
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
         std::ranges::all_of(
             columns, [this](const char* name) { return tree_->GetBranch(name) != nullptr; });
}

TBranch* DumpColumns::find(const std::string& name) {
  TBranch* branch = tree_->GetBranch(name.c_str());
  if (is_truth(name) && !reads_truth()) branch = nullptr;
  if (branch != nullptr) return branch;
  if (!is_optional(name) && (truth_ == TruthColumns::needed || !is_truth(name))) {
    throw core::DataError(file_ + ": tree " + tree_->GetName() + " has no branch " + name +
                          ", which is needed; check that the file has hits and " +
                          (is_truth(name)
                               ? "truth (data without truth can be inferred, not trained on)"
                               : "the right tree was named"));
  }
  missing_.push_back(name);
  return nullptr;
}

void DumpColumns::add(std::unique_ptr<BranchColumn> column, const std::string& name) {
  if (column == nullptr) {
    throw core::DataError(file_ + ": branch " + name + " has the type " +
                          branch_type_name(*tree_->GetBranch(name.c_str())) +
                          ", which is not one of numbers in the expected form; see the table of "
                          "branches in the documentation");
  }
  // An entry is read in this order; defaults are set afterwards, when the lengths of the other
  // columns are known.
  columns_.push_back(std::move(column));
}

template <class Target>
void DumpColumns::add_scalar(const std::string& name, Target core::EventHeader::*member) {
  TBranch* branch = find(name);
  auto column = branch == nullptr
                    ? nullptr
                    : make_scalar_column<Target>(
                          *branch, [this, member]() -> Target& { return event_->header.*member; });
  if (column != nullptr) {
    columns_.push_back(std::move(column));
  } else {
    // A number of the header in another form (weights as a vector) is no reason to refuse the hits.
    if (branch != nullptr) missing_.push_back(name);
    defaults_.emplace_back(
        [member](core::Event& event) { event.header.*member = core::EventHeader{}.*member; });
  }
}

void DumpColumns::add_header() {
  add_scalar("runNumber", &core::EventHeader::run_number);
  add_scalar("eventNumber", &core::EventHeader::event_number);
  add_scalar("lbNumber", &core::EventHeader::lb_number);
  add_scalar("bcid", &core::EventHeader::bcid);
  add_scalar("mcChannelNumber", &core::EventHeader::mc_channel_number);
  add_scalar("mcEventWeight", &core::EventHeader::mc_event_weight);
}

void DumpColumns::add_hits() {
  core::for_each_hit_column([&](const char* column, auto member) {
    const std::string name = std::string("spacePoint_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->hits.*member)>::value_type;
    if (TBranch* branch = find(name)) {
      add(make_vector_column<Target>(
              *branch, [this, member]() -> std::vector<Target>& { return event_->hits.*member; },
              name == "spacePoint_truthLink"),
          name);
    } else {
      defaults_.emplace_back([member, value = default_value<Target>(name)](core::Event& event) {
        (event.hits.*member).assign(event.hits.size(), value);
      });
    }
  });
}

void DumpColumns::add_muons() {
  core::for_each_muon_column([&](const char* column, auto member) {
    const std::string name = std::string("truthMuon_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->muons.*member)>::value_type;
    if (TBranch* branch = find(name)) {
      add(make_vector_column<Target>(
              *branch, [this, member]() -> std::vector<Target>& { return event_->muons.*member; }),
          name);
    } else {
      defaults_.emplace_back(
          [member](core::Event& event) { (event.muons.*member).assign(event.muons.size(), 0); });
    }
  });
}

void DumpColumns::add_buckets() {
  TBranch* hits = find("bucket_spacePoints");
  has_buckets_ = hits != nullptr;
  if (has_buckets_) {
    add(make_bucket_hits_column(
            *hits, [this]() -> core::BucketTable& { return event_->buckets; }, narrow_bucket_hits_),
        "bucket_spacePoints");
  }
  core::for_each_bucket_column([&](const char* column, auto member) {
    const std::string name = std::string("bucket_") + column;
    using Target = typename std::remove_cvref_t<decltype(event_->buckets.*member)>::value_type;
    TBranch* branch = find(name);
    if (branch != nullptr && has_buckets_) {  // without their hits the buckets are of no use
      add(make_vector_column<Target>(
              *branch,
              [this, member]() -> std::vector<Target>& { return event_->buckets.*member; }),
          name);
    } else if (has_buckets_) {
      defaults_.emplace_back([member](core::Event& event) {
        (event.buckets.*member).assign(event.buckets.offsets.size() - 1, 0);
      });
    }
  });
  if (!has_buckets_) defaults_.emplace_back([](core::Event& event) { event.buckets = {}; });
}

void DumpColumns::read(long long entry, core::Event& event, const RootMessages& messages) {
  // The columns were bound to a function that gives the current event, because the caller may pass
  // another one each time.
  event_ = &event;
  for (const auto& column : columns_) column->read(entry, messages, file_);
  for (const auto& set : defaults_) set(event);
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

std::uint64_t DumpColumns::buffer_bytes() const {
  auto bytes = static_cast<std::uint64_t>(cache_bytes);
  for (const auto& column : columns_)
    bytes +=
        2 * static_cast<std::uint64_t>(column->branch().GetBasketSize());  // compressed and not
  return bytes;
}

void DumpColumns::enable_cache(long long first_entry, long long end_entry) {
  tree_->SetCacheSize(cache_bytes);
  tree_->SetCacheEntryRange(first_entry, end_entry);
  for (const auto& column : columns_) {
    column->branch().SetBasketSize(first_basket_bytes);
    tree_->AddBranchToCache(&column->branch(), true);
  }
  // The set of branches is final, so there is nothing to learn from the first entries.
  tree_->StopCacheLearningPhase();
}

}  // namespace stationhit::root_io
