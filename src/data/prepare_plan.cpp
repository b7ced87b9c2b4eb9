// Everything that decides which event ends up where is fixed here: the files in their order, the
// split of every file or event, the ranges of entries that become chunks. A fingerprint of all that
// tells a continued run whether it belongs to the same set.
#include "prepare_plan.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>

#include "manifest_json.hpp"

namespace stationhit::data {
namespace {

// A round figure for the program with its libraries and everything that does not depend on the
// threads. With it the peak memory measured in docs/data.md stays under the limit.
constexpr std::uint64_t program_mib = 512;

void check(const PrepareConfig& config) {
  if (config.output.empty())
    throw core::ConfigError("output is empty: give the folder for the prepared set");
  core::check_settings(config);
  check(config.split);
}

// The manifest is JSON, which has no other encoding: the names would be changed there.
void require_utf8(const std::vector<std::filesystem::path>& paths) {
  for (const auto& path : paths)
    if (core::find_invalid_utf8(path.native()))
      throw core::DataError(core::printable_line(path.native()) +
                            ": the name is not UTF-8 text, which a manifest cannot hold; rename "
                            "the file or folder");
}

struct ExaminedInputs {
  std::vector<InputFile> files;
  std::uint64_t reader_bytes = 0;                           // the largest
  core::SampleInfo sample;                                  // of all files together
  std::vector<std::vector<std::string>> missing_branches;   // by file
  std::vector<std::optional<core::UnfinishedFile>> losses;  // by file
};

struct ExaminedFile {
  InputFile file;
  InputSummary summary;
  std::string failure;  // empty: it can be used
};

ExaminedFile examine(const std::filesystem::path& path, const PrepareFormats& formats,
                     const std::vector<DamagedFile>& damaged) {
  ExaminedFile result;
  try {
    result.summary = formats.examine(path);
    result.file = formats.identify(path);
    result.file.entries = result.summary.entries;
    const DamagedFile* found = find_damaged(damaged, result.file.name, result.file.checksum);
    if (found != nullptr) result.failure = found->reason;
  } catch (const core::DataError& error) {
    result.failure = error.what();
    result.file = {path, core::file_name(path), process_name(path), 0, 0, {}};
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(path, ignored);
    if (!ignored) result.file.size = bytes;
  }
  return result;
}

InputRecord record_of(const InputFile& file, const std::string& split) {
  return {file.name, file.process, file.size, file.entries, file.checksum, split};
}

// Moves those that cannot be used to `left_out`. One that is alone is no mishap among many.
std::vector<ExaminedFile> leave_out_damaged(std::vector<ExaminedFile> all, DamagedInputs damaged,
                                            std::vector<LeftOutInput>& left_out) {
  std::vector<ExaminedFile> usable;
  for (ExaminedFile& one : all) {
    if (one.failure.empty()) {
      usable.push_back(std::move(one));
    } else if (stops_at_damage(one.file.path, damaged)) {
      throw core::DataError(one.failure);
    } else {
      left_out.push_back({record_of(one.file, damaged_split), one.failure});
    }
  }
  if (!usable.empty()) return usable;
  const std::string more =
      all.size() > 1 ? "; none of the " + std::to_string(all.size()) + " inputs can be used" : "";
  throw core::DataError(left_out.front().reason + more);
}

// By checksum, the number of the file that is used.
std::map<std::string, std::size_t> choose_of_equal(const std::vector<ExaminedFile>& all,
                                                   DuplicateInputs duplicates) {
  std::map<std::string, std::size_t> chosen;
  for (std::size_t f = 0; f < all.size(); ++f) {
    if (all[f].file.entries == 0) continue;  // such files may be equal
    const auto [other, is_new] = chosen.emplace(all[f].file.checksum, f);
    if (is_new) continue;
    if (duplicates == DuplicateInputs::refuse)
      throw core::DataError(
          all[other->second].file.path.string() + " and " + all[f].file.path.string() +
          " have the same content, so that the same events would be in training "
          "and test; give only one of them, or let --allow-duplicates choose one");
    if (comes_first(all[f].file, all[other->second].file)) other->second = f;
  }
  return chosen;
}

std::vector<ExaminedFile> leave_out_duplicates(std::vector<ExaminedFile> all,
                                               DuplicateInputs duplicates,
                                               std::vector<LeftOutInput>& left_out) {
  const auto chosen = choose_of_equal(all, duplicates);
  std::vector<ExaminedFile> kept;
  for (std::size_t f = 0; f < all.size(); ++f) {
    const InputFile& file = all[f].file;
    const auto found = chosen.find(file.checksum);
    if (found != chosen.end() && found->second != f)
      left_out.push_back(
          {record_of(file, duplicate_split), file.path.string() + ": has the same content as " +
                                                 all[found->second].file.path.string()});
  }
  for (std::size_t f = 0; f < all.size(); ++f) {
    const auto found = chosen.find(all[f].file.checksum);
    if (found == chosen.end() || found->second == f) kept.push_back(std::move(all[f]));
  }
  return kept;
}

ExaminedInputs examine_all(const PrepareConfig& config, const PrepareFormats& formats,
                           const std::vector<DamagedFile>& damaged,
                           std::vector<LeftOutInput>& left_out) {
  const std::vector<std::filesystem::path> paths = expand_inputs(config.input);
  require_utf8(paths);
  std::vector<ExaminedFile> all(paths.size());
  // Opening a file takes longer than reading its header, most of all on a network disk.
  core::parallel_for(paths.size(), core::resolve_threads(config.threads),
                     [&](std::size_t f) { all[f] = examine(paths[f], formats, damaged); });
  all = leave_out_damaged(std::move(all), formats.policy.damaged, left_out);
  all = leave_out_duplicates(std::move(all), formats.policy.duplicates, left_out);
  ExaminedInputs inputs;
  std::vector<core::SampleInfo> samples;
  for (ExaminedFile& one : all) {
    inputs.reader_bytes = std::max(inputs.reader_bytes, one.summary.reader_bytes);
    samples.push_back(std::move(one.summary.sample));
    inputs.missing_branches.push_back(std::move(one.summary.missing_branches));
    inputs.losses.push_back(std::move(one.summary.loss));
    inputs.files.push_back(std::move(one.file));
  }
  inputs.sample = core::combine_samples(samples);
  return inputs;
}

// Files that are left unused add no events, so what they lack does not matter.
void add_what_files_lack(const PreparePlan& plan, const ExaminedInputs& inputs,
                         Provenance& provenance) {
  for (std::size_t f = 0; f < plan.files.size(); ++f) {
    if (plan.method == SplitMethod::by_file && !plan.file_splits[f]) continue;
    if (!inputs.missing_branches[f].empty())
      provenance.missing_branches.push_back({plan.files[f].name, inputs.missing_branches[f]});
    if (inputs.losses[f]) provenance.unfinished_inputs.push_back(*inputs.losses[f]);
  }
}

// The number of threads is limited by the configuration, by the chunks and by memory_limit.
unsigned choose_threads(const PrepareConfig& config, std::uint64_t bytes_per_thread,
                        std::size_t n_chunks) {
  const std::uint64_t free_mib =
      config.memory_limit > program_mib ? config.memory_limit - program_mib : 0;
  const std::uint64_t in_memory = (free_mib << 20U) / std::max<std::uint64_t>(bytes_per_thread, 1);
  const std::uint64_t wanted =
      std::min<std::uint64_t>(core::resolve_threads(config.threads), n_chunks);
  return static_cast<unsigned>(std::max<std::uint64_t>(std::min(wanted, in_memory), 1));
}

std::vector<EventKey> read_all_keys(const InputFile& file, const PrepareFormats& formats) {
  std::vector<EventKey> keys = formats.read_keys(file.path);
  if (keys.size() == file.entries) return keys;
  throw core::DataError(file.path.string() + ": has " + std::to_string(keys.size()) +
                        " event numbers for " + std::to_string(file.entries) +
                        " events; the file changed or is damaged");
}

struct KeysOfFiles {
  std::vector<std::vector<EventKey>> keys;  // by file
  std::vector<DamagedFile> damaged;         // whose keys cannot be read
};

KeysOfFiles read_keys_of(const std::vector<InputFile>& files, const PrepareConfig& config,
                         const PrepareFormats& formats) {
  KeysOfFiles result{std::vector<std::vector<EventKey>>(files.size()), {}};
  std::vector<std::string> failures(files.size());
  core::parallel_for(files.size(), core::resolve_threads(config.threads), [&](std::size_t f) {
    try {
      result.keys[f] = read_all_keys(files[f], formats);
    } catch (const core::DataError& error) {
      if (stops_at_damage(files[f].path, formats.policy.damaged)) throw;
      failures[f] = error.what();
    }
  });
  for (std::size_t f = 0; f < files.size(); ++f)
    if (!failures[f].empty())
      result.damaged.push_back({files[f].name, files[f].checksum, failures[f]});
  return result;
}

std::vector<Chunk> make_chunks(const PreparePlan& plan, std::uint64_t size) {
  std::vector<Chunk> chunks;
  for (std::size_t f = 0; f < plan.files.size(); ++f) {
    if (plan.method == SplitMethod::by_file && !plan.file_splits[f]) continue;
    for (std::uint64_t first = 0; first < plan.files[f].entries; first += size)
      chunks.push_back({f, first, std::min(size, plan.files[f].entries - first)});
  }
  return chunks;
}

Provenance make_provenance(const PrepareConfig& config, const PreparePlan& plan) {
  Provenance provenance;
  provenance.tree = config.tree;
  provenance.selection = config.selection;
  provenance.split = config.split;
  provenance.split_method = name(plan.method);
  provenance.events_per_shard = config.events_per_shard;
  provenance.small_events = config.small_events;
  // The fingerprint covers everything that decides about the content of the shards.
  const nlohmann::json identity = {{"provenance", provenance}, {"inputs", plan.input_records()}};
  provenance.fingerprint = core::to_hex(
      core::hash_text(identity.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  // Outside the fingerprint: a run that stopped at a bad event goes on with skip_bad, what is
  // finished stays the same.
  provenance.skip_bad = config.skip_bad;
  provenance.program_version = core::version();
  return provenance;
}

}  // namespace

std::uint64_t PreparePlan::n_entries(std::size_t first, std::size_t end) const {
  std::uint64_t n = 0;
  for (std::size_t chunk = first; chunk < end; ++chunk) n += chunks[chunk].count;
  return n;
}

std::vector<InputRecord> PreparePlan::input_records() const {
  std::vector<InputRecord> records;
  for (std::size_t f = 0; f < files.size(); ++f) {
    std::string split = "by event";
    if (method == SplitMethod::by_file)
      split = file_splits[f] ? std::string(folder_name(*file_splits[f])) : "unused";
    records.push_back(record_of(files[f], split));
  }
  return records;
}

SetIdentity PreparePlan::identity() const {
  SetIdentity identity{provenance, input_records(), {}};
  for (const LeftOutInput& input : left_out)
    if (input.record.split == damaged_split) identity.damaged.push_back(input.record);
  return identity;
}

bool comes_first(const InputFile& a, const InputFile& b) {
  return std::tuple(a.name.size(), a.name, a.path) < std::tuple(b.name.size(), b.name, b.path);
}

bool stops_at_damage(const std::filesystem::path& file, DamagedInputs damaged) {
  return damaged == DamagedInputs::refuse || core::is_remote(file);
}

PreparePlan make_plan(const PrepareConfig& config, const PrepareFormats& formats,
                      const std::vector<DamagedFile>& damaged) {
  check(config);
  PreparePlan plan;
  ExaminedInputs inputs = examine_all(config, formats, damaged, plan.left_out);
  plan.files = std::move(inputs.files);
  plan.method = split_method(plan.files, config.split);
  if (plan.method == SplitMethod::by_file) {
    plan.file_splits = split_files(plan.files, config.split);
  } else {
    KeysOfFiles found = read_keys_of(plan.files, config, formats);
    if (!found.damaged.empty()) {
      // Which files there are decides about everything.
      found.damaged.insert(found.damaged.end(), damaged.begin(), damaged.end());
      return make_plan(config, formats, found.damaged);
    }
    plan.event_splits = split_events(plan.files, found.keys, config.split);
  }
  plan.chunks = make_chunks(plan, config.events_per_shard);
  // A chunk of a file that belongs to one split has one writer open, otherwise one for each split.
  const std::size_t open_shards = plan.method == SplitMethod::by_event ? splits.size() : 1;
  plan.threads = choose_threads(config, inputs.reader_bytes + open_shards * formats.writer_bytes,
                                plan.chunks.size());
  plan.provenance = make_provenance(config, plan);
  // Outside the fingerprint, which covers the content of the files already: a set of an earlier
  // version stays the same set.
  add_what_files_lack(plan, inputs, plan.provenance);
  plan.provenance.sample = std::move(inputs.sample);
  return plan;
}

}  // namespace stationhit::data
