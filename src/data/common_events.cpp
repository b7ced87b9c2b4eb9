// By file, the manifests say which file went where. By event, a file is in every split, and only
// equal divisions of equal files are known to put an event into one split.
#include <algorithm>

#include <stationhit/core/settings.hpp>
#include <stationhit/data/common_events.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {
namespace {

// A debug sample is a part of its split.
std::string whole_split(const SplitOrigin& origin) {
  const std::size_t end = origin.split.find("_small");
  return origin.split.substr(0, end);
}

bool is_used(const InputRecord& file, const SplitOrigin& origin) {
  return file.entries > 0 &&
         (origin.split_method != name(SplitMethod::by_file) || file.split == whole_split(origin));
}

bool divides_alike(const SplitOrigin& a, const SplitOrigin& b) {
  const auto by_content = [](const InputRecord& x, const InputRecord& y) {
    return x.file == y.file && x.checksum == y.checksum;
  };
  return a.split_method == b.split_method &&
         core::find_differences(a.division, b.division).empty() &&
         std::ranges::equal(a.inputs, b.inputs, by_content);
}

}  // namespace

SplitOrigin origin_of(const SplitManifest& manifest) {
  const Provenance& made = manifest.provenance;
  return {made.fingerprint, manifest.split, made.split_method, made.split, manifest.inputs};
}

std::optional<std::string> find_common_events(const SplitOrigin& a, const SplitOrigin& b) {
  const bool one_set = !a.fingerprint.empty() && a.fingerprint == b.fingerprint;
  if (one_set || (!a.inputs.empty() && divides_alike(a, b))) {
    if (whole_split(a) != whole_split(b)) return std::nullopt;
    return "both are the split " + whole_split(a) + " of " +
           (one_set ? "one set" : "the same input files");
  }
  for (const InputRecord& file : a.inputs) {
    if (!is_used(file, a)) continue;
    const auto same = std::ranges::find_if(b.inputs, [&](const InputRecord& other) {
      return other.checksum == file.checksum && is_used(other, b);
    });
    if (same != b.inputs.end()) return "both were made from " + file.file;
  }
  return std::nullopt;
}

}  // namespace stationhit::data
