#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <stationhit/core/file_kind.hpp>

namespace stationhit::core {
namespace {

std::string read_start(const std::filesystem::path& path) {
  std::string start(512, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  return start;
}

std::string_view without_comments(std::string_view text) {
  while (text.starts_with('#')) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text;
}

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

// The length of the header in eight bytes, then the header.
bool begins_as_safetensors(const std::string& start) {
  return start.size() > 8 && start[6] == 0 && start[7] == 0 && start[8] == '{';
}

bool begins_as(FileKind kind, const std::string& start) {
  const char first = start.front();
  switch (kind) {
    case FileKind::onnx:  // the tag of ir_version and a small number; a length can look like it
      return start.size() > 1 && first == 8 && start[1] > 0 && start[1] < 32 &&
             !begins_as_safetensors(start);
    case FileKind::root:
      return start.starts_with("root");
    case FileKind::hdf5:
      return start.starts_with("\x89HDF\r\n\x1a\n");
    case FileKind::bench_report:  // not any JSON file: it could be the manifest of a set
      return without_space(start).starts_with("{\"model\":");
    case FileKind::statistics:  // not any YAML file: it could be the configuration of a run
      return without_comments(start).starts_with("events:");
    case FileKind::svg:
      return first == '<';
    case FileKind::safetensors:
      return begins_as_safetensors(start);
    case FileKind::event_dump:
      return without_space(start).starts_with("{\"schema\":\"stationhit-event-dump/");
  }
  return false;
}

}  // namespace

bool is_of_kind(const std::filesystem::path& path, FileKind kind) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  const std::string start = read_start(path);
  return !start.empty() && begins_as(kind, start);
}

}  // namespace stationhit::core
