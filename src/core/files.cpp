// A file is written under the name <name>.partial and renamed when it is complete. Renaming is
// atomic inside a file system, so a reader finds the old file or the whole new one, also if the
// program is killed or the disk is full.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::core {

std::filesystem::path partial_path(const std::filesystem::path& path) {
  std::filesystem::path partial = path;
  partial += ".partial";
  return partial;
}

void publish(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::rename(partial_path(path), path, error);
  if (!error) return;
  const std::string reason = error.message();
  std::filesystem::remove(partial_path(path), error);
  throw DataError(path.string() + ": cannot rename the finished file to this name: " + reason +
                  "; choose another name");
}

void require_file_name(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path))
    throw DataError(path.string() + ": is a folder; give the name of the file to write");
}

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  require_file_name(path);
  const std::filesystem::path partial = partial_path(path);
  std::FILE* file = std::fopen(partial.c_str(), "wb");
  if (file == nullptr)
    throw DataError(path.string() + ": cannot write here: " + std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // fclose may write the last buffer and overwrite errno, so the first reason is kept.
  const int write_error = errno;
  const bool closed = std::fclose(file) == 0;
  const int error = written ? errno : write_error;
  if (!written || !closed) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw DataError(path.string() + ": writing failed: " + std::strerror(error) +
                    "; free space on the disk and run again");
  }
  publish(path);
}

std::string read_text_file(const std::filesystem::path& path) {
  require_input_file(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path.string() + ": cannot be read: " + std::strerror(errno));
  try {
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  } catch (const std::ios_base::failure&) {  // thrown by the buffer when the device fails
    throw DataError(path.string() + ": reading failed: " + std::strerror(errno));
  }
}

}  // namespace stationhit::core
