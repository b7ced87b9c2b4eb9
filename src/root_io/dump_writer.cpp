#include <stationhit/core/errors.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

#include "dump_branches.hpp"
#include "root_session.hpp"
#include "sample_info.hpp"

namespace stationhit::root_io {
namespace {

constexpr std::size_t max_hits = 65535;  // bucket_spacePoints has 16 bits

}  // namespace

struct MuonHitDumpWriter::Impl {
  std::filesystem::path path;
  DumpWriterOptions options;
  std::unique_ptr<DumpBranches> branches;  // outlive the file and its tree
  std::unique_ptr<RootOutput> output;
  TTree* tree = nullptr;
  std::uint64_t events = 0;
};

MuonHitDumpWriter::MuonHitDumpWriter(std::filesystem::path path, DumpWriterOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = std::move(path);
  impl_->options = std::move(options);
  impl_->output = std::make_unique<RootOutput>(impl_->path, impl_->options.compression);
  impl_->tree = &make_dump_tree(impl_->output->file(), impl_->options.tree);
  impl_->branches = std::make_unique<DumpBranches>(*impl_->tree);
  add_sample_info(*impl_->tree, impl_->options.sample);
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
  impl_->branches->set(event);
  const RootMessages messages;
  impl_->tree->Fill();
  impl_->output->check_written(messages);
  ++impl_->events;
}

void MuonHitDumpWriter::close() {
  if (impl_->output == nullptr) return;
  if (impl_->options.sample != core::SampleInfo{}) add_sample_size(*impl_->tree, impl_->events);
  impl_->output->finish(*impl_->tree);
  impl_->output.reset();
}

}  // namespace stationhit::root_io
