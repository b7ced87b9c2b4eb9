// By file, the manifests say which file went where. By event, a file is in every split, and only
// equal divisions of equal files are known to put an event into one split.
//
// Where the files are not the same, the events may be all the same: files are merged and skimmed.
// Keys are compared first, because they are read without the hits.
#include <algorithm>
#include <set>
#include <utility>

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

bool is_one_set(const SplitOrigin& a, const SplitOrigin& b) {
  return !a.fingerprint.empty() && a.fingerprint == b.fingerprint;
}

std::vector<core::EventKey> read_keys(const core::EventList& events, bool with_run) {
  std::vector<core::EventKey> keys = events.read_keys();
  if (!with_run)
    for (core::EventKey& key : keys) key.run_number = 0;
  return keys;
}

// Numbers of the events whose keys are among the sorted ones.
std::vector<std::uint64_t> find_among(const std::vector<core::EventKey>& keys,
                                      const std::vector<core::EventKey>& sorted) {
  std::vector<std::uint64_t> found;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].n_hits > 0 && std::ranges::binary_search(sorted, keys[i])) found.push_back(i);
  return found;
}

std::vector<core::EventKey> sorted(std::vector<core::EventKey> keys) {
  std::ranges::sort(keys);
  return keys;
}

}  // namespace

SplitOrigin origin_of(const SplitManifest& manifest) {
  const Provenance& made = manifest.provenance;
  return {made.fingerprint, manifest.split, made.split_method, made.split, manifest.inputs};
}

bool have_one_division(const SplitOrigin& a, const SplitOrigin& b) {
  return is_one_set(a, b) || (!a.inputs.empty() && divides_alike(a, b));
}

std::optional<std::string> find_common_events(const SplitOrigin& a, const SplitOrigin& b) {
  if (have_one_division(a, b)) {
    if (whole_split(a) != whole_split(b)) return std::nullopt;
    return "both are the split " + whole_split(a) + " of " +
           (is_one_set(a, b) ? "one set" : "the same input files");
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

CommonEvents count_common_events(const core::EventList& a, const core::EventList& b) {
  const bool with_run = a.has_run_numbers() && b.has_run_numbers();
  const auto keys_a = read_keys(a, with_run), keys_b = read_keys(b, with_run);
  const auto candidates_a = find_among(keys_a, sorted(keys_b)),
             candidates_b = find_among(keys_b, sorted(keys_a));
  if (candidates_b.empty()) return {};
  std::set<std::pair<core::EventKey, std::uint64_t>> events_of_a;
  const auto hashes_a = a.hash_hits(candidates_a), hashes_b = b.hash_hits(candidates_b);
  for (std::size_t i = 0; i < candidates_a.size(); ++i)
    events_of_a.emplace(keys_a[candidates_a[i]], hashes_a[i]);
  CommonEvents common;
  for (std::size_t i = 0; i < candidates_b.size(); ++i) {
    const core::EventKey& key = keys_b[candidates_b[i]];
    if (events_of_a.contains({key, hashes_b[i]}) && common.count++ == 0) common.first = key;
  }
  return common;
}

}  // namespace stationhit::data
