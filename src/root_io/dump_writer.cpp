// An event is copied into buffers to which the branches of the tree point. Most columns have the
// type of their branch; flags and small integers are written as vector<bool> and vector<char>, like
// the files of the experiment, and need a buffer of their own.
#include <deque>
#include <string_view>
#include <type_traits>

#include <stationhit/core/errors.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

#include "root_session.hpp"
#include "sample_info.hpp"

namespace stationhit::root_io {
namespace {

constexpr std::size_t max_hits = 65535;  // bucket_spacePoints has 16 bits
// A setting of ROOT: negative values are compressed bytes per cluster. Its default of 30 MB keeps
// several times as much in memory.
constexpr long long cluster_bytes = -1'200'000;

// The branch buffers must exist as long as the tree. Columns of the branch's own type are written
// directly from `event`; the others go through a copy.
struct BranchBuffers {
  core::Event event;
  std::deque<std::vector<char>> chars;
  std::deque<std::vector<bool>> bools;
  std::vector<std::vector<unsigned short>> bucket_hits;
};

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

void make_header_branches(TTree& tree, core::EventHeader& header) {
  tree.Branch("runNumber", &header.run_number);
  static_assert(sizeof(ULong64_t) == sizeof(header.event_number));
  tree.Branch("eventNumber", &header.event_number, "eventNumber/l");
  tree.Branch("lbNumber", &header.lb_number);
  tree.Branch("bcid", &header.bcid);
  tree.Branch("mcChannelNumber", &header.mc_channel_number);
  tree.Branch("mcEventWeight", &header.mc_event_weight);
}

void make_branches(TTree& tree, BranchBuffers& buffers) {
  make_header_branches(tree, buffers.event.header);
  for_each_column(buffers.event, [&](const std::string& branch, auto& column) {
    if (is_flag(branch)) {
      tree.Branch(branch.c_str(), &buffers.bools.emplace_back());
    } else if constexpr (is_int8<decltype(column)>) {
      tree.Branch(branch.c_str(), &buffers.chars.emplace_back());
    } else {
      tree.Branch(branch.c_str(), &column);
    }
  });
  tree.Branch("bucket_spacePoints", &buffers.bucket_hits);
}

void fill_bucket_hits(const core::BucketTable& buckets,
                      std::vector<std::vector<unsigned short>>& lists) {
  lists.resize(buckets.size());
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    const auto hits = buckets.hits_of(b);
    lists[b].resize(hits.size());
    for (std::size_t i = 0; i < hits.size(); ++i)
      lists[b][i] = static_cast<unsigned short>(hits[i]);
  }
}

void fill_buffers(const core::Event& event, BranchBuffers& buffers) {
  buffers.event = event;
  std::size_t next_char = 0;
  std::size_t next_bool = 0;
  for_each_column(event, [&](const std::string& branch, const auto& column) {
    if (is_flag(branch)) {
      buffers.bools[next_bool++].assign(column.begin(), column.end());
    } else if constexpr (is_int8<decltype(column)>) {
      buffers.chars[next_char++].assign(column.begin(), column.end());
    }
  });
  fill_bucket_hits(event.buckets, buffers.bucket_hits);
}

}  // namespace

struct MuonHitDumpWriter::Impl {
  std::filesystem::path path;
  BranchBuffers buffers;  // outlives the file and its tree
  std::unique_ptr<RootOutput> output;
  TTree* tree = nullptr;
  std::uint64_t events = 0;
  bool describes_sample = false;
};

MuonHitDumpWriter::MuonHitDumpWriter(std::filesystem::path path, DumpWriterOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = std::move(path);
  impl_->output = std::make_unique<RootOutput>(impl_->path, options.compression);
  impl_->tree =
      new TTree(options.tree.c_str(), "Hits of the muon spectrometer", 99, &impl_->output->file());
  impl_->tree->SetAutoFlush(cluster_bytes);
  impl_->tree->SetAutoSave(
      0);  // only complete files get their name, so intermediate headers are of no use
  make_branches(*impl_->tree, impl_->buffers);
  add_sample_info(*impl_->tree, options.sample);
  impl_->describes_sample = options.sample != core::SampleInfo{};
}

MuonHitDumpWriter::~MuonHitDumpWriter() = default;

void MuonHitDumpWriter::write(const core::Event& event) {
  const std::string where = impl_->path.string() + ", entry " + std::to_string(impl_->events);
  core::check_consistency(event, where);
  if (event.hits.size() > max_hits) {
    throw core::DataError(where + ": " + std::to_string(event.hits.size()) +
                          " hits, but bucket_spacePoints can refer to " + std::to_string(max_hits) +
                          " at most; lower the pile-up");
  }
  // Branches point to the buffers, so an event must be copied there before the tree is filled.
  fill_buffers(event, impl_->buffers);
  const RootMessages messages;
  impl_->tree->Fill();
  impl_->output->check_written(messages);
  ++impl_->events;
}

void MuonHitDumpWriter::close() {
  if (impl_->output == nullptr) return;
  if (impl_->describes_sample) add_sample_size(*impl_->tree, impl_->events);
  impl_->output->finish(*impl_->tree);
  impl_->output.reset();
}

}  // namespace stationhit::root_io
