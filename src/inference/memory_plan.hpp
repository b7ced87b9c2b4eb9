// A fault of old versions of ONNX Runtime.
#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

namespace stationhit::inference {

// Whether ONNX Runtime of this version ("1.17.3") must not plan its memory: in 1.17 and 1.18 the
// plan that the first call makes overlaps where ScatterElements reduces, so a second call on inputs
// of the same sizes gives wrong logits (measured, docs/deployment.md). False for a text that is no
// version.
[[nodiscard]] inline bool has_faulty_memory_plan(std::string_view version) {
  constexpr int last_faulty_minor = 18;
  int major = 0, minor = 0;
  const char* const end = version.data() + version.size();
  const auto after_major = std::from_chars(version.data(), end, major);
  if (after_major.ec != std::errc() || after_major.ptr == end || *after_major.ptr != '.')
    return false;
  const auto after_minor = std::from_chars(after_major.ptr + 1, end, minor);
  if (after_minor.ec != std::errc()) return false;
  return major == 1 && minor <= last_faulty_minor;
}

}  // namespace stationhit::inference
