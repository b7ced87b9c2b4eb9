// Kinds of files, as their first bytes tell. A name can be anything.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include <stationhit/core/named_enum.hpp>

namespace stationhit::core {

enum class FileKind { onnx, root, hdf5, bench_report, statistics, svg, safetensors, event_dump };
constexpr auto names_of(FileKind) {
  return std::to_array<std::string_view>({"ONNX model", "ROOT file", "HDF5 file", "report of bench",
                                          "statistics file", "SVG figure", "safetensors file",
                                          "event dump"});
}

// Whether the file begins as files of this kind do. False for what is no regular file, is empty or
// cannot be read.
[[nodiscard]] bool is_of_kind(const std::filesystem::path& path, FileKind kind);

}  // namespace stationhit::core
