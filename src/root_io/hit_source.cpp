#include "hit_source.hpp"

#include <algorithm>

#include <stationhit/core/crash_note.hpp>

#include "basket_cache.hpp"
#include "open_ntuple.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr int cache_bytes = 8 << 20;       // ROOT takes it at once
constexpr int first_basket_bytes = 32000;  // ROOT makes two buffers of the size with which a basket
                                           // was written; these grow to what is in it
constexpr std::uint64_t clusters_in_memory = 2;  // the one that is read and the next one

// Uncompressed bytes of the largest page of every column.
std::uint64_t page_bytes(const ROOT::RNTupleDescriptor& descriptor) {
  std::vector<std::uint64_t> largest(descriptor.GetNPhysicalColumns());
  for (const ROOT::RClusterDescriptor& cluster : descriptor.GetClusterIterable()) {
    for (const auto& range : cluster.GetColumnRangeIterable()) {
      const auto column = range.GetPhysicalColumnId();
      for (const auto& page : cluster.GetPageRange(column).GetPageInfos())
        largest[column] = std::max<std::uint64_t>(largest[column], page.GetNElements());
    }
  }
  std::uint64_t bytes = 0;
  for (std::size_t column = 0; column < largest.size(); ++column)
    bytes += largest[column] * descriptor.GetColumnDescriptor(column).GetBitsOnStorage() / 8;
  return bytes;
}

std::uint64_t cluster_bytes(const ROOT::RNTupleDescriptor& descriptor) {
  std::uint64_t largest = 0;
  for (const ROOT::RClusterDescriptor& cluster : descriptor.GetClusterIterable())
    largest = std::max(largest, cluster.GetNBytesOnStorage());
  return largest;
}

std::unique_ptr<ROOT::RNTupleReader> open_hits(TFile& file, const std::string& name) {
  const std::string place = std::string(file.GetName()) + ", RNTuple " + name;
  const core::CrashNote note(place, longest_reading_of_header);
  std::unique_ptr<ROOT::RNTupleReader> ntuple;
  const std::string failure = failure_of([&] { ntuple = open_ntuple(file, name); });
  if (failure.empty()) return ntuple;
  throw core::DataError(std::string(file.GetName()) + ": RNTuple " + name +
                        " is damaged; copy the file again (ROOT: " + failure + ")");
}

}  // namespace

HitSource::HitSource(TFile& file, const std::string& name) : file_(file.GetName()), name_(name) {
  if (is_ntuple(file, name)) {
    ntuple_ = open_hits(file, name);
  } else {
    tree_ = &get_tree(file, name);
  }
  related_ = find_related_tree([this](const char* branch) { return holds(branch); });
}

HitSource::HitSource(const std::filesystem::path& file)
    : file_(file.string()), padded_(std::make_unique<hdf5_io::PaddedFile>(file)) {}

std::uint64_t HitSource::entries() const {
  if (padded_ != nullptr) return padded_->events();
  return tree_ != nullptr ? static_cast<std::uint64_t>(tree_->GetEntries())
                          : ntuple_->GetNEntries();
}

std::string HitSource::in_words() const {
  if (padded_ != nullptr) return "the HDF5 file";
  return tree_ != nullptr ? std::string("tree ") + tree_->GetName() : "RNTuple " + name_;
}

std::string HitSource::column_in_words(const std::string& name) const {
  if (padded_ != nullptr) return "column " + name;
  return (tree_ != nullptr ? "branch " : "field ") + stored(name);
}

bool HitSource::has(const std::string& name) const {
  if (padded_ != nullptr) return has_padded_column(*padded_, name);
  const std::string in_file = stored(name);
  return !in_file.empty() && holds(in_file);
}

bool HitSource::holds(const std::string& stored) const {
  if (tree_ != nullptr) return tree_->GetBranch(stored.c_str()) != nullptr;
  return ntuple_->GetDescriptor().FindFieldId(stored) != ROOT::kInvalidDescriptorId;
}

std::string HitSource::stored(const std::string& name) const {
  return related_ == nullptr ? name : stored_name(*related_, name);
}

std::vector<std::string> HitSource::fields() const {
  std::vector<std::string> names;
  if (ntuple_ == nullptr) return names;
  for (const ROOT::RFieldDescriptor& field : ntuple_->GetDescriptor().GetTopLevelFields())
    names.push_back(field.GetFieldName());
  return names;
}

std::string HitSource::type_of(const std::string& name) const {
  if (padded_ != nullptr) return "float32";
  if (tree_ != nullptr) return branch_type_name(*tree_->GetBranch(stored(name).c_str()));
  const ROOT::RNTupleDescriptor& descriptor = ntuple_->GetDescriptor();
  const auto& field = descriptor.GetFieldDescriptor(descriptor.FindFieldId(stored(name)));
  return field.GetTypeName().empty() ? "a record" : field.GetTypeName();
}

SourcePtr<Number> HitSource::find_number(const std::string& name) {
  return find<Number>(name, make_branch_number,
                      [&](const std::string& field) { return make_field_number(*ntuple_, field); });
}

void HitSource::go_to(long long entry, const std::string& place, const RootMessages& messages) {
  if (tree_ != nullptr && tree_->LoadTree(entry) < 0)
    throw core::DataError(place +
                          ": cannot be read; copy the file again (ROOT: " + messages.error() + ")");
}

std::uint64_t HitSource::buffer_bytes() const {
  if (padded_ != nullptr) return padded_->buffer_bytes();
  if (ntuple_ != nullptr) {
    const ROOT::RNTupleDescriptor& descriptor = ntuple_->GetDescriptor();
    return clusters_in_memory * cluster_bytes(descriptor) + page_bytes(descriptor);
  }
  auto bytes = static_cast<std::uint64_t>(cache_bytes);
  for (TBranch* branch : branches_)
    bytes += 2 * static_cast<std::uint64_t>(branch->GetBasketSize());  // compressed and not
  return bytes;
}

void HitSource::enable_cache(long long first_entry, long long end_entry) {
  if (tree_ == nullptr) return;
  // Belongs to the tree.
  if (tree_->GetReadCache(tree_->GetCurrentFile()) == nullptr) new BasketCache(*tree_, cache_bytes);
  tree_->SetCacheEntryRange(first_entry, end_entry);
  for (TBranch* branch : branches_) {
    branch->SetBasketSize(first_basket_bytes);
    tree_->AddBranchToCache(branch, true);
  }
  // The set of branches is final, so there is nothing to learn from the first entries.
  tree_->StopCacheLearningPhase();
}

void HitSource::release() {
  if (tree_ == nullptr) return;
  const RootMessages messages;
  tree_->ResetBranchAddresses();
}

}  // namespace stationhit::root_io
