#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/output_file.hpp>

namespace stationhit::core {

void write_text_file(const std::filesystem::path& path, std::string_view text) {
  OutputFile file(path);
  file.write(text);
  file.publish();
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

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

}  // namespace stationhit::core
