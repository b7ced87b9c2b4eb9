// The entry points to ROOT for this module: setup, collecting its error messages, opening files and
// trees.
#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <TFile.h>
#include <TTree.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/core/unfinished_file.hpp>

namespace stationhit::root_io {

// Processor time. Opening a file and reading the header of a tree take less than a second, also for
// a tree of a million events.
inline constexpr std::chrono::seconds longest_reading_of_header{20};

// Thread safety, dictionaries, error handler; once per process. Throws DataError if the limit of
// the address space is too low.
void start_root();

// While it exists, messages of ROOT on this thread are collected instead of printed, because ROOT
// reports some failures in no other way.
class RootMessages {
 public:
  RootMessages();
  ~RootMessages();
  RootMessages(const RootMessages&) = delete;
  RootMessages& operator=(const RootMessages&) = delete;

  void add(int level, const char* location, const char* message);
  // First error (not warning), with ROOT's place of it; empty if there is none.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::string& warning() const { return warning_; }
  void clear();

 private:
  RootMessages* outer_;
  std::string error_, warning_;
};

// The reason of a failure in one line: ROOT's own exceptions go on with lines about its sources.
[[nodiscard]] std::string reason_of(const std::exception& failure);

// Runs a step of ROOT. The reason of its failure in one line, also where ROOT only reports it;
// empty if there is none. Errors of this project pass.
template <class Work>
[[nodiscard]] std::string failure_of(Work&& work) {
  const RootMessages messages;
  try {
    work();
    return messages.error();
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& failure) {
    return reason_of(failure);
  }
}

// Opens for reading. Throws DataError naming the path: missing, not a ROOT file, truncated or not
// closed, also if it was not closed after the tree had been saved in between: the events behind
// that would be missing. `unfinished` read: files of the last two kinds are opened nevertheless if
// they show anything (find_loss says what).
[[nodiscard]] std::unique_ptr<TFile> open_file(
    const std::filesystem::path& path,
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);

// The tree, owned by the file. `name` may have folders before it ("folder/name"). If it is absent,
// the DataError lists the trees there are; if it is of another class, it names the class. Friends
// of the tree are not read.
[[nodiscard]] TTree& get_tree(TFile& file, const std::string& name);

// Whether the object of this name, which may have folders before it, is an RNTuple.
[[nodiscard]] bool is_ntuple(TFile& file, const std::string& name);

// A ROOT file that gets its name when it is complete.
class RootOutput {
 public:
  // Throws DataError naming the path.
  RootOutput(const std::filesystem::path& path, int compression);
  // Closes the file and removes it if it is not finished. Never throws.
  ~RootOutput();
  RootOutput(const RootOutput&) = delete;
  RootOutput& operator=(const RootOutput&) = delete;

  [[nodiscard]] TFile& file() const { return *file_; }
  // Throws DataError if ROOT reported an error or the file has its write-error mark.
  void check_written(const RootMessages& messages) const;
  // Writes the tree, closes the file, checks and renames.
  void finish(TTree& tree);

 private:
  core::OutputFile output_;
  std::unique_ptr<TFile> file_;
};

}  // namespace stationhit::root_io
