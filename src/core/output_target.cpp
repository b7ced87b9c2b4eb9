#include <string>
#include <system_error>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/write_failure.hpp>

#include "trial_file.hpp"

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as many as the kernel follows

std::string describe_type(fs::file_type type) {
  switch (type) {
    case fs::file_type::directory:
      return "is a folder; give the name of the file to write";
    case fs::file_type::fifo:
      return "is a pipe, and a file would take its place; choose another output";
    case fs::file_type::socket:
      return "is a socket, and a file would take its place; choose another output";
    default:
      return "is a device, and a file would take its place; choose another output";
  }
}

// A folder here may be called "root:".
void require_local(const fs::path& path) {
  std::error_code ignored;
  if (is_remote(path) && !fs::exists(path.parent_path(), ignored))
    throw DataError(path.string() +
                    ": is on another machine; write to this one and copy the result");
}

}  // namespace

void require_same_kind(const fs::path& path, FileKind kind) {
  std::error_code ignored;
  const bool is_there = fs::is_regular_file(path, ignored) && !fs::is_empty(path, ignored);
  if (!is_there || is_of_kind(path, kind)) return;
  throw DataError(path.string() + ": is there already and is no " + std::string(name(kind)) +
                  ", so it is kept; choose another output or remove it");
}

fs::path resolve_output(const fs::path& path) {
  if (path.empty()) throw DataError("the name of an output file is empty; give one");
  require_local(path);
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  const bool is_there = fs::exists(status) && fs::status_known(status);
  if (is_there && !fs::is_regular_file(status))
    throw DataError(path.string() + ": " + describe_type(status.type()));
  fs::path current = path;
  for (int links = 0; links < most_links; ++links) {
    if (!fs::is_symlink(fs::symlink_status(current, ignored))) return current;
    // An absolute path replaces what stands before the slash.
    current = current.parent_path() / fs::read_symlink(current);
  }
  throw DataError(path.string() + ": is a symbolic link in a circle; choose another output");
}

void require_output_file(const fs::path& path, MissingFolder missing) {
  const fs::path folder = folder_of(resolve_output(path));
  if (missing == MissingFolder::will_be_made && !fs::exists(folder))
    return require_output_folder(folder);
  const OutputFile trial(path);
}

void require_output_folder(const fs::path& path) {
  require_local(path);
  std::error_code ignored;
  fs::path existing = fs::absolute(path);
  while (!fs::exists(fs::symlink_status(existing, ignored)) && existing.has_relative_path())
    existing = existing.parent_path();
  if (!fs::is_directory(existing, ignored))
    throw DataError(path.string() + ": cannot make this folder: " + existing.string() +
                    " is no folder; choose another folder");
  if (const std::error_code error = try_file_in(existing)) throw_write_failure(path, error.value());
}

void require_no_input(const fs::path& output, const std::vector<fs::path>& inputs) {
  for (const fs::path& input : inputs) {
    std::error_code ignored;
    if (!fs::equivalent(input, output, ignored)) continue;
    throw DataError(output.string() + ": is the input file" +
                    (input == output ? "" : " " + input.string()) + "; choose another output");
  }
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    throw DataError(path.string() + ": cannot make this folder: " + error.message() +
                    "; choose another folder");
}

}  // namespace stationhit::core
