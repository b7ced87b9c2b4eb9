// Which events go to training, validation and test. Depends on the seed, the file names and the
// event numbers, never on the order of the input files, the folders they are in or the number of
// threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/data/inputs.hpp>
#include <stationhit/data/prepare_config.hpp>

namespace stationhit::data {

// Throws ConfigError naming the key, its value and what is allowed.
void check(const SplitConfig& config);

enum class Split : std::uint8_t { train, validation, test };
inline constexpr std::array<Split, 3> splits{Split::train, Split::validation, Split::test};
[[nodiscard]] std::string_view folder_name(Split split);   // "train", "val", "test"
[[nodiscard]] std::string small_folder_name(Split split);  // "train_small", ...

// Identifies an event within its file.
struct EventKey {
  std::uint32_t run_number = 0;
  std::uint64_t event_number = 0;
  bool operator==(const EventKey&) const = default;
};

enum class SplitMethod : std::uint8_t { by_file, by_event };
[[nodiscard]] std::string_view name(SplitMethod method);  // "file", "event"

// Resolves "auto": by file when every process has at least 20 files.
[[nodiscard]] SplitMethod split_method(std::span<const InputFile> files, const SplitConfig& config);

// Sizes of the splits of n things: the fractions exact to one; each split with a fraction > 0 gets
// at least one where n allows it. Throws as check() does.
[[nodiscard]] std::array<std::size_t, 3> split_sizes(std::size_t n, const SplitConfig& config);

// By file, per process: files in the order of a hash of (seed, name); the first ones train, then
// validation, then test. With balance equal_files all processes use as many files as the smallest
// has, the rest stay unused (nullopt).
[[nodiscard]] std::vector<std::optional<Split>> split_files(std::span<const InputFile> files,
                                                            const SplitConfig& config);

// The place of an event in the order that decides splits and debug samples: a hash of seed, file
// name, run and event number.
[[nodiscard]] std::uint64_t event_rank(std::uint64_t seed, std::string_view file_name,
                                       const EventKey& key);

// By event: result[f][e] is the split of event e of file f. keys[f] are the events of files[f]. All
// events in the order of event_rank (ties: file, then entry); the first ones train, then
// validation, then test.
[[nodiscard]] std::vector<std::vector<Split>> split_events(
    std::span<const InputFile> files, std::span<const std::vector<EventKey>> keys,
    const SplitConfig& config);

}  // namespace stationhit::data
