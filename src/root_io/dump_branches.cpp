// Most columns have the type of their branch and are written directly from a copy of the event.
// Flags and small integers are written as vector<bool> and vector<char>, like the files of the
// experiment, and need a buffer of their own.
#include "dump_branches.hpp"

#include <algorithm>
#include <string_view>
#include <type_traits>

#include "header_numbers.hpp"

namespace stationhit::root_io {
namespace {

// A setting of ROOT: negative values are compressed bytes per cluster. Its default of 30 MB keeps
// several times as much in memory.
constexpr long long cluster_bytes = -1'200'000;
constexpr const char* bucket_hits_branch = "bucket_spacePoints";

// Calls visit(branch name, column) for every vector column of the event.
template <class EventType, class Visitor>
void for_each_column(EventType& event, Visitor&& visit) {
  core::for_each_bucket_column([&](const char* name, auto member) {
    visit(std::string("bucket_") + name, event.buckets.*member);
  });
  core::for_each_hit_column([&](const char* name, auto member) {
    visit(std::string("spacePoint_") + name, event.hits.*member);
  });
  core::for_each_muon_column([&](const char* name, auto member) {
    visit(std::string("truthMuon_") + name, event.muons.*member);
  });
}

bool is_flag(std::string_view branch) {
  return branch == "spacePoint_measEta" || branch == "spacePoint_measPhi";
}

template <class Column>
constexpr bool is_int8 = std::is_same_v<std::remove_cvref_t<Column>, std::vector<std::int8_t>>;

void make_branch(TTree& tree, const std::string& name, std::uint64_t& number) {
  static_assert(sizeof(ULong64_t) == sizeof(number));
  tree.Branch(name.c_str(), &number, (name + "/l").c_str());
}

template <class Value>
void make_branch(TTree& tree, const std::string& name, Value& value) {
  tree.Branch(name.c_str(), &value);
}

template <class Index>
void fill_bucket_hits(const core::BucketTable& buckets, std::vector<std::vector<Index>>& lists) {
  lists.resize(buckets.size());
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    const auto hits = buckets.hits_of(b);
    lists[b].resize(hits.size());
    for (std::size_t i = 0; i < hits.size(); ++i) lists[b][i] = static_cast<Index>(hits[i]);
  }
}

}  // namespace

TTree& make_dump_tree(TFile& file, const std::string& name) {
  auto* tree = new TTree(name.c_str(), "Hits of the muon spectrometer", 99, &file);
  tree->SetAutoFlush(cluster_bytes);
  // Only complete files get their name, so intermediate headers are of no use.
  tree->SetAutoSave(0);
  return *tree;
}

std::vector<std::string> known_branches() {
  core::Event event;
  std::vector<std::string> names{bucket_hits_branch};
  const auto add = [&](const std::string& name, const auto&) { names.push_back(name); };
  for_each_header_number(add);
  for_each_column(event, add);
  return names;
}

DumpBranches::DumpBranches(TTree& tree, std::span<const std::string> left_out,
                           BucketIndices indices)
    : indices_(indices) {
  const auto is_written = [&](const std::string& name) {
    return std::ranges::find(left_out, name) == left_out.end();
  };
  for_each_header_number([&](const std::string& name, auto member) {
    if (is_written(name)) make_branch(tree, name, event_.header.*member);
  });
  for_each_column(event_, [&](const std::string& name, auto& column) {
    // Every buffer is there, so that set() finds them in this order.
    if (is_flag(name)) {
      auto& bools = bools_.emplace_back();
      if (is_written(name)) make_branch(tree, name, bools);
    } else if constexpr (is_int8<decltype(column)>) {
      auto& chars = chars_.emplace_back();
      if (is_written(name)) make_branch(tree, name, chars);
    } else if (is_written(name)) {
      make_branch(tree, name, column);
    }
  });
  if (!is_written(bucket_hits_branch)) return;
  if (indices == BucketIndices::bits_16) make_branch(tree, bucket_hits_branch, narrow_hits_);
  if (indices == BucketIndices::bits_32) make_branch(tree, bucket_hits_branch, wide_hits_);
}

void DumpBranches::set(const core::Event& event) {
  event_ = event;
  std::size_t next_char = 0;
  std::size_t next_bool = 0;
  for_each_column(event, [&](const std::string& branch, const auto& column) {
    if (is_flag(branch)) {
      bools_[next_bool++].assign(column.begin(), column.end());
    } else if constexpr (is_int8<decltype(column)>) {
      chars_[next_char++].assign(column.begin(), column.end());
    }
  });
  if (indices_ == BucketIndices::bits_16) fill_bucket_hits(event.buckets, narrow_hits_);
  if (indices_ == BucketIndices::bits_32) fill_bucket_hits(event.buckets, wide_hits_);
}

}  // namespace stationhit::root_io
