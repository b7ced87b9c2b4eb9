// The constructor opens every file once, to check its branches and to count its entries; offsets
// then map an event number to file and entry. Only one file is open while reading.
#include <algorithm>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

#include "dump_columns.hpp"
#include "file_end.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

TruthColumns truth_columns(const DumpReaderOptions& options) {
  if (options.leave_out_truth) return TruthColumns::left_out;
  return options.need_truth ? TruthColumns::needed : TruthColumns::if_complete;
}

// One open file. The columns own the buffers that the branches of a tree point to, and read an
// RNTuple through its reader: they are destroyed before the source.
struct OpenDump {
  OpenDump(const std::filesystem::path& path, const DumpReaderOptions& options)
      : file(core::is_of_kind(path, core::FileKind::hdf5) ? nullptr
                                                          : open_file(path, options.unfinished)),
        source(file == nullptr ? HitSource(path) : HitSource(*file, options.tree)),
        columns(source, path.string(), truth_columns(options)) {}
  ~OpenDump() { source.release(); }
  OpenDump(const OpenDump&) = delete;
  OpenDump& operator=(const OpenDump&) = delete;

  std::unique_ptr<TFile> file;  // none for an HDF5 file
  HitSource source;
  DumpColumns columns;
};

}  // namespace

struct MuonHitDumpReader::Impl {
  std::vector<std::filesystem::path> files;
  DumpReaderOptions options;
  std::vector<std::uint64_t> offsets{0};  // [files + 1] first event of each file
  std::vector<std::string> missing;
  std::vector<core::UnfinishedFile> unfinished;
  std::uint64_t next_event = 0, end_event = 0;
  std::uint64_t skipped = 0, entry = 0, buffer_bytes = 0;
  std::size_t current = 0;  // file of `dump`
  std::unique_ptr<OpenDump> dump;

  void scan();
  void open(std::size_t file);
  void seek(std::uint64_t event);
  void read(std::uint64_t event_index, core::Event& event);
  [[nodiscard]] std::string where() const {
    return files[current].string() + ", entry " + std::to_string(entry);
  }
};

void MuonHitDumpReader::Impl::scan() {
  for (const std::filesystem::path& file : files) {
    const core::CrashNote note(file.string());
    auto opened = std::make_unique<OpenDump>(file, options);
    offsets.push_back(offsets.back() + opened->source.entries());
    buffer_bytes = std::max(buffer_bytes, opened->source.buffer_bytes());
    for (const std::string& name : opened->columns.missing())
      if (std::find(missing.begin(), missing.end(), name) == missing.end()) missing.push_back(name);
    // An RNTuple is in its file only when it is complete.
    if (TTree* tree = opened->source.tree())
      if (auto loss = find_loss(*opened->file, *tree)) unfinished.push_back(std::move(*loss));
    // The usual case of a single file opens it once and not twice.
    if (files.size() == 1) dump = std::move(opened);
  }
}

void MuonHitDumpReader::Impl::open(std::size_t file) {
  const core::CrashNote note(files[file].string());
  if (dump == nullptr || file != current) {
    // The old file is closed before the new one is opened: two at a time would double the memory.
    dump.reset();
    dump = std::make_unique<OpenDump>(files[file], options);
  }
  current = file;
  const std::uint64_t first = std::max(next_event, offsets[file]) - offsets[file];
  const std::uint64_t end = std::min(end_event, offsets[file + 1]) - offsets[file];
  dump->source.enable_cache(static_cast<long long>(first), static_cast<long long>(end));
}

void MuonHitDumpReader::Impl::seek(std::uint64_t event) {
  if (dump != nullptr && event >= offsets[current] && event < offsets[current + 1]) return;
  // Empty files have equal offsets and are skipped by upper_bound.
  const auto after = std::upper_bound(offsets.begin(), offsets.end(), event);
  open(static_cast<std::size_t>(after - offsets.begin()) - 1);
}

void MuonHitDumpReader::Impl::read(std::uint64_t event_index, core::Event& event) {
  seek(event_index);
  entry = event_index - offsets[current];
  const std::string place = where();
  const core::CrashNote note(place);
  const RootMessages messages;
  const auto local = static_cast<long long>(entry);
  dump->source.go_to(local, place, messages);
  dump->columns.read(local, event, messages);
  core::check_consistency(event, place);
}

MuonHitDumpReader::MuonHitDumpReader(std::vector<std::filesystem::path> files,
                                     DumpReaderOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->files = std::move(files);
  impl_->options = std::move(options);
  impl_->scan();
  const std::uint64_t total = impl_->offsets.back();
  const EventRange range = impl_->options.range;
  // A range beyond the end is empty and not an error: a sample can be shorter than asked for.
  impl_->next_event = std::min(range.first, total);
  impl_->end_event = impl_->next_event + std::min(range.count, total - impl_->next_event);
  if (impl_->dump != nullptr) impl_->open(0);
}

MuonHitDumpReader::~MuonHitDumpReader() {
  if (impl_->dump == nullptr) return;
  const core::CrashNote note(impl_->where());
  impl_->dump.reset();
}

bool MuonHitDumpReader::next(core::Event& event) {
  while (impl_->next_event < impl_->end_event) {
    impl_->read(impl_->next_event++, event);
    if (impl_->options.non_finite == NonFinite::keep) return true;
    const std::string found = core::first_non_finite(event);
    if (found.empty()) return true;
    if (impl_->options.non_finite == NonFinite::fail) {
      throw core::DataError(where() + ": " + found +
                            "; the file is damaged, or skip such events (--skip-bad)");
    }
    ++impl_->skipped;
  }
  return false;
}

std::string MuonHitDumpReader::where() const { return impl_->where(); }
std::optional<std::uint64_t> MuonHitDumpReader::size() const {
  const std::uint64_t first = std::min(impl_->options.range.first, impl_->offsets.back());
  return impl_->end_event - first;
}
const std::vector<std::string>& MuonHitDumpReader::missing_branches() const {
  return impl_->missing;
}
const std::vector<core::UnfinishedFile>& MuonHitDumpReader::unfinished_files() const {
  return impl_->unfinished;
}
std::uint64_t MuonHitDumpReader::buffer_bytes() const { return impl_->buffer_bytes; }
std::uint64_t MuonHitDumpReader::skipped() const { return impl_->skipped; }
std::uint64_t MuonHitDumpReader::entry() const { return impl_->entry; }

std::uint64_t count_events(const std::filesystem::path& file, const std::string& tree) {
  const core::CrashNote note(file.string());
  const auto opened = open_file(file);
  return HitSource(*opened, tree).entries();
}

}  // namespace stationhit::root_io
