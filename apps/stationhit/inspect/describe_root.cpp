#include <stationhit/root_io/describe.hpp>

#include "describe.hpp"

namespace stationhit::app {

std::string describe_root(const std::filesystem::path& path) {
  const root_io::RootFileDescription file = root_io::describe(path);
  std::string text = file.kind + ", " + bytes_text(file.bytes) + "\n";
  for (const root_io::ObjectDescription& object : file.objects) {
    text += object.kind + " " + object.name;
    if (!object.columns.empty() || object.entries > 0)
      text += ": " + std::to_string(object.entries) + " entries";
    text += "\n";
    for (const root_io::ColumnDescription& column : object.columns)
      text += "  " + column.name + ": " + column.type + "\n";
  }
  return text;
}

}  // namespace stationhit::app
