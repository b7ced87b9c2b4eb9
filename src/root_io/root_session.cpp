// ROOT reports most failures by a message only. Its error handler is therefore replaced by one that
// stores messages in the RootMessages object of the current thread, if there is one. Every step
// that can fail looks there afterwards and turns an error into a DataError that names the file.
#include "root_session.hpp"

#include <mutex>
#include <new>
#include <system_error>

#include <TError.h>
#include <TROOT.h>
#include <sys/mman.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/root_io/dictionaries.hpp>

#include "file_end.hpp"
#include "local_file.hpp"
#include "remote_file.hpp"

namespace stationhit::root_io {
namespace {

thread_local RootMessages* collector = nullptr;
ErrorHandlerFunc_t previous_handler = nullptr;

void collect_message(int level, Bool_t abort, const char* location, const char* message) {
  // A message with which ROOT ends the program must be seen, so it goes on to the handler before.
  if (collector != nullptr && !abort) {
    collector->add(level, location, message);
  } else if (previous_handler != nullptr) {
    previous_handler(level, abort, location, message);
  }
}

// Answers of servers come with one.
std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// Hits as padded arrays are kept in such files, which no ROOT function reads.
void refuse_hdf5(const std::filesystem::path& path) {
  if (core::is_of_kind(path, core::FileKind::hdf5))
    throw core::DataError(path.string() + ": is an HDF5 file; give a ROOT file here");
}

void check_exists(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw core::DataError(path.string() + ": no such file; check the path");
  if (std::filesystem::is_directory(status))
    throw core::DataError(path.string() + ": is a folder, expected a ROOT file");
}

// ROOT takes as much memory as the header of a file says, for example for its list of objects.
std::unique_ptr<TFile> open_any(const std::filesystem::path& path,
                                const RootMessages& messages) try {
  if (core::is_remote(path)) return open_remote_file(path, messages);
  check_exists(path);
  return read_descriptor(core::open_input_file(path), path.string());
} catch (const std::bad_alloc&) {
  throw core::DataError(
      path.string() +
      ": ROOT gets no memory for what its header lists: the file is damaged (copy "
      "it again), or the limit of memory is too low (ulimit -v)");
}

// ROOT opens a file that was never closed by recovering what it finds. Such a file lacks events.
bool needed_recovery(const TFile& file, const RootMessages& messages) {
  return file.TestBit(TFile::kRecovered) ||
         messages.error().find("truncated") != std::string::npos ||
         messages.warning().find("recover") != std::string::npos;
}

[[noreturn]] void throw_unfinished(TFile* file, const std::filesystem::path& path,
                                   const RootMessages& messages) {
  const std::string rest = file == nullptr ? "" : describe_rest(*file, path);
  throw core::DataError(
      path.string() +
      ": the ROOT file is truncated or was not closed; copy it again or recreate it" +
      (rest.empty()
           ? " (ROOT: " + (messages.error().empty() ? messages.warning() : messages.error()) + ")"
           : ": " + rest));
}

// ROOT loads a C++ interpreter at its start, which ends the program by a signal where it gets no
// memory. The same amount of addresses is taken for a moment to see whether there is enough.
void require_address_space() {
  constexpr std::size_t interpreter_bytes = std::size_t{700} << 20U;
  void* memory = ::mmap(nullptr, interpreter_bytes, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw core::DataError(
        "ROOT needs 700 MiB of address space to start, and the limit leaves less; raise it (ulimit "
        "-v)");
  ::munmap(memory, interpreter_bytes);
}

}  // namespace

void start_root() {
  static std::once_flag once;
  std::call_once(once, [] {
    require_address_space();
    // Before any other call: ROOT creates its locks here.
    ROOT::EnableThreadSafety();
    register_dictionaries();
    previous_handler = SetErrorHandler(&collect_message);
  });
}

RootMessages::RootMessages() : outer_(collector) { collector = this; }
RootMessages::~RootMessages() { collector = outer_; }

void RootMessages::add(int level, const char* location, const char* message) {
  if (level < kWarning) return;
  std::string& first = level >= kError ? error_ : warning_;
  // The first message is the cause, later ones are its consequences.
  if (first.empty()) first = without_line_end(message) + " (" + location + ")";
}

void RootMessages::clear() {
  error_.clear();
  warning_.clear();
}

std::string reason_of(const std::exception& failure) {
  const std::string text = failure.what();
  return text.substr(0, text.find('\n'));
}

std::unique_ptr<TFile> open_file(const std::filesystem::path& path,
                                 core::UnfinishedFiles unfinished) {
  start_root();
  const core::CrashNote note(path.string(), longest_reading_of_header);
  const RootMessages messages;
  std::unique_ptr<TFile> file = open_any(path, messages);
  const bool opened = file != nullptr && !file->IsZombie();
  const bool truncated = (file != nullptr && needed_recovery(*file, messages)) ||
                         messages.error().find("truncated") != std::string::npos;
  if (!truncated && (!opened || !messages.error().empty())) {
    refuse_hdf5(path);
    throw core::DataError(path.string() +
                          ": not a readable ROOT file; check the path or copy it again (ROOT: " +
                          messages.error() + ")");
  }
  const bool shows_something = opened && lacks_events(*file);
  if (shows_something && unfinished == core::UnfinishedFiles::read) return file;
  if (truncated || shows_something) throw_unfinished(opened ? file.get() : nullptr, path, messages);
  return file;
}

RootOutput::RootOutput(const std::filesystem::path& path, int compression) : output_(path) {
  start_root();
  const RootMessages messages;
  file_ = write_descriptor(output_.duplicate_descriptor(), path.string(), compression);
  if (!file_->IsZombie() && messages.error().empty()) return;
  file_.reset();
  throw core::DataError(
      path.string() +
      ": cannot write here; check that the disk has space (ROOT: " + messages.error() + ")");
}

RootOutput::~RootOutput() {
  const RootMessages messages;
  file_.reset();
}

void RootOutput::check_written(const RootMessages& messages) const {
  if (messages.error().empty() && !file_->TestBit(TFile::kWriteError)) return;
  throw core::DataError(
      output_.path().string() +
      ": writing failed; free space on the disk and run again (ROOT: " + messages.error() + ")");
}

void RootOutput::finish(TTree& tree) {
  const RootMessages messages;
  {
    // Tree and file must agree on the current directory of this thread while the header is written.
    const TDirectory::TContext here(file_.get());
    tree.Write();  // unlike WriteTObject it flushes the baskets first
  }
  check_written(messages);
  file_->Close();
  check_written(messages);
  file_.reset();
  output_.publish();
}

}  // namespace stationhit::root_io
