// A split is a sort: files (per process) or events are ordered by a hash of the seed and what
// identifies them, and the first part of that order is the training split. The order depends only
// on these hashes, so neither the order of the arguments nor the folders matter. File number and
// entry only break ties of the hash.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <tuple>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {
namespace {

constexpr std::size_t min_files_per_process = 20;

std::map<std::string, std::vector<std::size_t>> group_by_process(std::span<const InputFile> files) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t f = 0; f < files.size(); ++f) groups[files[f].process].push_back(f);
  return groups;
}

std::size_t find_smallest_group(const std::map<std::string, std::vector<std::size_t>>& groups) {
  std::size_t smallest = SIZE_MAX;
  for (const auto& [process, members] : groups) smallest = std::min(smallest, members.size());
  return smallest;
}

// The split of the file or event that is at position `rank` of the order.
Split split_of(std::size_t rank, const std::array<std::size_t, 3>& sizes) {
  if (rank < sizes[0]) return Split::train;
  return rank < sizes[0] + sizes[1] ? Split::validation : Split::test;
}

}  // namespace

void check(const SplitConfig& config) {
  core::check_settings(config, "split");
  if (config.train + config.validation <= 1 + 1e-9) return;
  throw core::ConfigError("split.train + split.validation is " +
                          core::to_text(config.train + config.validation) +
                          ", expected at most 1; the test split gets the rest");
}

std::string_view folder_name(Split split) {
  constexpr std::array<std::string_view, 3> names{"train", "val", "test"};
  return names[static_cast<std::size_t>(split)];
}

std::string small_folder_name(Split split) { return std::string(folder_name(split)) + "_small"; }

std::string_view name(SplitMethod method) {
  return method == SplitMethod::by_file ? "file" : "event";
}

SplitMethod split_method(std::span<const InputFile> files, const SplitConfig& config) {
  if (config.by == SplitUnit::file) return SplitMethod::by_file;
  if (config.by == SplitUnit::event) return SplitMethod::by_event;
  return find_smallest_group(group_by_process(files)) >= min_files_per_process
             ? SplitMethod::by_file
             : SplitMethod::by_event;
}

std::array<std::size_t, 3> split_sizes(std::size_t n, const SplitConfig& config) {
  check(config);
  const double total = static_cast<double>(n);
  const auto train = static_cast<std::size_t>(std::llround(total * config.train));
  // The sum of the fractions is rounded, not the second fraction: so the test split gets what is
  // really left, and three rounded sizes cannot exceed n.
  const auto train_and_validation = std::min(
      n, static_cast<std::size_t>(std::llround(total * (config.train + config.validation))));
  std::array<std::size_t, 3> sizes{train,
                                   train_and_validation - std::min(train, train_and_validation),
                                   n - train_and_validation};
  const std::array<double, 3> fractions{config.train, config.validation,
                                        1 - config.train - config.validation};
  // A split with a positive fraction gets at least one member, from the largest, as long as that
  // has two.
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    const auto largest = std::max_element(sizes.begin(), sizes.end());
    if (fractions[s] < 1e-9 || sizes[s] > 0 || *largest < 2) continue;
    --*largest;
    ++sizes[s];
  }
  return sizes;
}

std::vector<std::optional<Split>> split_files(std::span<const InputFile> files,
                                              const SplitConfig& config) {
  check(config);
  auto groups = group_by_process(files);
  const std::size_t smallest = find_smallest_group(groups);
  std::vector<std::optional<Split>> result(files.size());
  for (auto& [process, members] : groups) {
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
      return std::tuple(core::mix(config.seed, core::hash_text(files[a].name)), files[a].name, a) <
             std::tuple(core::mix(config.seed, core::hash_text(files[b].name)), files[b].name, b);
    });
    // Balanced: every process gives as many files as the smallest one; the others are left unused.
    const std::size_t used = config.balance == Balance::none ? members.size() : smallest;
    const auto sizes = split_sizes(used, config);
    for (std::size_t rank = 0; rank < used; ++rank) result[members[rank]] = split_of(rank, sizes);
  }
  return result;
}

// The file name takes part because event numbers begin anew in every file of a simulated sample.
std::uint64_t event_rank(std::uint64_t seed, std::string_view file_name, const EventKey& key) {
  return core::mix(core::mix(core::mix(seed, core::hash_text(file_name)), key.run_number),
                   key.event_number);
}

std::vector<std::vector<Split>> split_events(std::span<const InputFile> files,
                                             std::span<const std::vector<EventKey>> keys,
                                             const SplitConfig& config) {
  assert(files.size() == keys.size());
  struct Candidate {
    std::uint64_t rank;
    std::uint32_t file;
    std::uint32_t entry;
  };
  std::vector<Candidate> candidates;
  std::vector<std::vector<Split>> result(files.size());
  for (std::uint32_t f = 0; f < files.size(); ++f) {
    result[f].resize(keys[f].size());
    for (std::uint32_t e = 0; e < keys[f].size(); ++e)
      candidates.push_back({event_rank(config.seed, files[f].name, keys[f][e]), f, e});
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.rank, a.file, a.entry) < std::tie(b.rank, b.file, b.entry);
  });
  const auto sizes = split_sizes(candidates.size(), config);
  for (std::size_t i = 0; i < candidates.size(); ++i)
    result[candidates[i].file][candidates[i].entry] = split_of(i, sizes);
  return result;
}

}  // namespace stationhit::data
