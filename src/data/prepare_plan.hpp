// The plan of prepare, fixed before the first event is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/data/inputs.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/data/prepare_formats.hpp>
#include <stationhit/data/splits.hpp>

#include "damage_record.hpp"
#include "prepare_difference.hpp"

namespace stationhit::data {

// Consecutive entries of one file.
struct Chunk {
  std::size_t file;
  std::uint64_t first;
  std::uint64_t count;
};

// InputRecord::split of files that are left out.
inline constexpr const char *damaged_split = "damaged", *duplicate_split = "duplicate";

// An input file whose events are not in the set.
struct LeftOutInput {
  InputRecord record;
  std::string reason;  // names the file
};

struct PreparePlan {
  std::vector<InputFile> files;  // ascending by name
  std::vector<LeftOutInput> left_out;
  SplitMethod method = SplitMethod::by_event;
  std::vector<std::optional<Split>> file_splits;  // by file
  std::vector<std::vector<Split>> event_splits;   // by event
  std::vector<Chunk> chunks;
  unsigned threads = 1;  // that work on the chunks at the same time
  Provenance provenance;

  [[nodiscard]] Split split_of(std::size_t file, std::uint64_t entry) const {
    return method == SplitMethod::by_file ? *file_splits[file] : event_splits[file][entry];
  }
  [[nodiscard]] std::uint64_t n_entries() const { return n_entries(0, chunks.size()); }
  // Of chunks first to end - 1.
  [[nodiscard]] std::uint64_t n_entries(std::size_t first, std::size_t end) const;
  // Of the files that are used. What is left out makes no other set.
  [[nodiscard]] std::vector<InputRecord> input_records() const;
  [[nodiscard]] SetIdentity identity() const;
};

// Which of two files with the same content, or with the same event, is used: the one with the
// shorter name, else the first by name, else by path. Copies mostly get longer names, and the split
// of events depends on the name of their file.
[[nodiscard]] bool comes_first(const InputFile& a, const InputFile& b);

// Whether the preparation stops at damage of this file instead of leaving it out. That of another
// machine may be whole: its server did not answer, and the set would depend on that.
[[nodiscard]] bool stops_at_damage(const std::filesystem::path& file, DamagedInputs damaged);

// Finds and examines the input files, leaves out those that are known to be damaged, and assigns
// the chunks; the fingerprint covers settings, names and content of the inputs.
[[nodiscard]] PreparePlan make_plan(const PrepareConfig& config, const PrepareFormats& formats,
                                    const std::vector<DamagedFile>& damaged = {});

}  // namespace stationhit::data
