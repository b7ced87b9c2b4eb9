#include <algorithm>
#include <string_view>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/scored_events.hpp>

#include "cut_info.hpp"
#include "dump_branches.hpp"
#include "hit_source.hpp"
#include "other_objects.hpp"
#include "root_session.hpp"
#include "sample_info.hpp"
#include "score_branch.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {
namespace {

std::string without_folders(const std::string& tree) {
  const std::size_t slash = tree.rfind('/');
  return slash == std::string::npos ? tree : tree.substr(slash + 1);
}

// The fields of the RNTuple that core::Event does not have or that could not be read.
std::vector<std::string> find_lost_fields(TFile& file, const ScoredEventOptions& options) {
  std::vector<std::string> known = known_branches();
  known.insert(known.end(), {score_branch, bucket_lengths_field});
  std::vector<std::string> lost;
  for (const std::string& field : HitSource(file, options.tree).fields()) {
    const bool is_written = std::ranges::find(known, field) != known.end() &&
                            std::ranges::find(options.left_out, field) == options.left_out.end();
    if (!is_written) lost.push_back(field);
  }
  return lost;
}

}  // namespace

bool holds_ntuple(const std::filesystem::path& file, const std::string& name) {
  const core::CrashNote note(file.string());
  return is_ntuple(*open_file(file, core::UnfinishedFiles::read), name);
}

struct ScoredEventWriter::Impl {
  std::filesystem::path path;
  ScoredEventOptions options;
  std::unique_ptr<DumpBranches> branches;  // these two outlive the file and its tree
  std::vector<float> scores;
  std::unique_ptr<RootOutput> output;
  TTree* tree = nullptr;
  std::uint64_t events = 0;

  void copy_others();
};

ScoredEventWriter::ScoredEventWriter(std::filesystem::path output, ScoredEventOptions options)
    : impl_(std::make_unique<Impl>()) {
  if (!options.input.empty()) core::require_no_input(output, {options.input});
  impl_->path = std::move(output);
  impl_->options = std::move(options);
  impl_->output = std::make_unique<RootOutput>(impl_->path, DumpWriterOptions{}.compression);
  impl_->tree = &make_dump_tree(impl_->output->file(), without_folders(impl_->options.tree));
  impl_->branches =
      std::make_unique<DumpBranches>(*impl_->tree, impl_->options.left_out, BucketIndices::bits_32);
  impl_->tree->Branch(score_branch, &impl_->scores);
  add_sample_info(*impl_->tree, impl_->options.sample);
}

ScoredEventWriter::~ScoredEventWriter() = default;

void ScoredEventWriter::record_cut(float logit, const std::string& working_point) {
  remove_cut_info(*impl_->tree);
  add_cut_info(*impl_->tree, {logit, working_point, impl_->options.mode});
}

void ScoredEventWriter::write(const core::Event& event, std::span<const float> scores,
                              std::span<const std::uint8_t> keep) {
  impl_->scores.assign(scores.begin(), scores.end());
  if (impl_->options.mode == ScoredMode::filter) {
    std::vector<std::uint32_t> kept;
    for (std::size_t hit = 0; hit < keep.size(); ++hit)
      if (keep[hit] != 0) kept.push_back(static_cast<std::uint32_t>(hit));
    for (std::size_t i = 0; i < kept.size(); ++i) impl_->scores[i] = scores[kept[i]];
    impl_->scores.resize(kept.size());
    impl_->branches->set(core::keep_hits(event, kept));
  } else {
    impl_->branches->set(event);
  }
  const RootMessages messages;
  impl_->tree->Fill();
  impl_->output->check_written(messages);
  ++impl_->events;
}

void ScoredEventWriter::Impl::copy_others() {
  const core::CrashNote note(options.input.string());
  const auto input = open_file(options.input, core::UnfinishedFiles::read);
  std::vector<std::string> lost = find_lost_fields(*input, options);
  for (std::string& object : copy_other_objects(*input, output->file(), options.tree))
    lost.push_back(std::move(object));
  if (!lost.empty())
    options.log.warning(path.string() + ": not copied from the input: " + core::join(lost));
}

void ScoredEventWriter::close() {
  if (impl_->output == nullptr) return;
  if (!impl_->options.input.empty()) impl_->copy_others();
  if (impl_->options.sample != core::SampleInfo{}) add_sample_size(*impl_->tree, impl_->events);
  impl_->output->finish(*impl_->tree);
  impl_->output.reset();
}

}  // namespace stationhit::root_io
