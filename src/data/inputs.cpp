// Patterns become canonical paths sorted by file name, so that neither the order of the arguments
// nor symbolic links matter. A file is identified by its size and the hash of its first and last
// MiB: reading all of a large ntuple only to identify it would take too long.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <tuple>

#include <glob.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/data/inputs.hpp>

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> list_files(const fs::path& folder,
                                 std::initializer_list<const char*> extensions) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && std::ranges::find(extensions, extension) != extensions.end())
      files.push_back(entry.path());
  }
  return files;
}

// HDF5 files beside ROOT files are usually made from these, and no event may be there twice.
std::vector<fs::path> list_ntuples(const fs::path& folder) {
  std::vector<fs::path> files = list_files(folder, {".root"});
  return files.empty() ? list_files(folder, {".h5", ".hdf5"}) : files;
}

std::vector<fs::path> find_glob_matches(const std::string& pattern) {
  glob_t found{};
  std::vector<fs::path> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      if (fs::is_regular_file(found.gl_pathv[i])) files.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return files;
}

// Patterns are for names that can be listed here.
void require_one_file(const std::string& url) {
  if (url.substr(0, url.find('?')).find_first_of("*[") == std::string::npos) return;
  throw core::DataError("input '" + url +
                        "': folders of other machines are not searched for patterns; give the "
                        "names of the files, one by one");
}

std::vector<fs::path> find_matches(const std::string& pattern) {
  if (core::is_remote(pattern)) {
    require_one_file(pattern);
    return {pattern};
  }
  if (fs::is_directory(pattern)) {
    std::vector<fs::path> files = list_ntuples(pattern);
    if (files.empty())
      throw core::DataError("input folder " + pattern +
                            " has no *.root or *.h5 file; name the folder that holds the ntuples");
    return files;
  }
  if (fs::exists(pattern)) return {pattern};
  std::vector<fs::path> files = find_glob_matches(pattern);
  if (files.empty())
    throw core::DataError(
        "input '" + pattern +
        "' matches no file; give ROOT files, folders or patterns such as data/*.root");
  return files;
}

}  // namespace

std::vector<fs::path> expand_inputs(std::span<const std::string> patterns) {
  if (patterns.empty())
    throw core::ConfigError(
        "no input files; give ROOT files, folders or patterns as arguments or with the key "
        "'input'");
  std::vector<fs::path> files;
  for (const std::string& pattern : patterns) {
    for (const fs::path& file : find_matches(pattern))
      files.push_back(core::is_remote(file) ? file : fs::canonical(file));
  }
  const auto key = [](const fs::path& file) {
    return std::tuple(core::file_name(file), file.string());
  };
  std::sort(files.begin(), files.end(),
            [&](const fs::path& a, const fs::path& b) { return key(a) < key(b); });
  // A file that several patterns name counts once; canonical paths make it recognizable.
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

// Names such as zmumu_PU200_skip0_n60.root carry the process in front of the pile-up.
std::string process_name(const fs::path& file) {
  const std::string name = core::file_name(file);
  const std::size_t end = name.find("_PU");
  return end == std::string::npos || end == 0 ? fs::path(name).stem().string()
                                              : name.substr(0, end);
}

InputFile examine_input(const fs::path& path, const InputBytes& bytes) {
  constexpr std::uint64_t part = 1U << 20U;
  InputFile file{path, core::file_name(path), process_name(path), bytes.size, 0, {}};
  core::Hasher hasher;
  hasher.add(file.size);
  std::string buffer(std::min(part, file.size), '\0');
  // The end of a ROOT file holds its directory, which changes with every change of the content.
  for (const std::uint64_t offset : {std::uint64_t{0}, file.size - buffer.size()}) {
    bytes.read(offset, buffer);
    hasher.add(std::string_view(buffer));
  }
  file.checksum = hasher.hex();
  return file;
}

InputFile examine_input(const fs::path& path) {
  core::require_input_file(path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw core::DataError(path.string() + ": cannot be read: " + std::strerror(errno));
  const auto read = [&](std::uint64_t offset, std::span<char> buffer) {
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(buffer.data(), std::ssize(buffer));
    if (!stream) throw core::DataError(path.string() + ": reading failed: " + std::strerror(errno));
  };
  return examine_input(path, {fs::file_size(path), read});
}

}  // namespace stationhit::data
