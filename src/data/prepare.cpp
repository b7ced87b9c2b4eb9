// Plan, chunks, manifest: the plan fixes what every chunk gives before the first event is read, the
// chunks are worked on side by side and entered into a journal, and the manifests are written when
// everything else is complete. An interrupted call leaves its journal to the next one; a complete
// set is compared with its manifest.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/prepare.hpp>

#include "prepare_chunks.hpp"
#include "prepare_folder.hpp"
#include "prepare_journal.hpp"
#include "prepare_manifest.hpp"
#include "prepare_piece.hpp"
#include "prepare_plan.hpp"
#include "prepare_repair.hpp"
#include "small_samples.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

void log_fewer_threads(const PrepareConfig& config, const PreparePlan& plan,
                       const core::Logger& log) {
  const std::size_t wanted =
      std::min<std::size_t>(core::resolve_threads(config.threads), plan.chunks.size());
  if (plan.threads >= wanted) return;  // without events one thread has nothing to do
  log.info(std::to_string(plan.threads) + " of " + std::to_string(wanted) +
           " threads fit into memory_limit = " + std::to_string(config.memory_limit) +
           " MiB; raise it where the machine has more");
}

// Files that lack the same branches are named together: a production has thousands of files.
void warn_of_missing_branches(const Provenance& provenance, const core::Logger& log) {
  std::map<std::vector<std::string>, std::vector<std::string>> files_lacking;
  for (const MissingBranches& missing : provenance.missing_branches)
    files_lacking[missing.branches].push_back(missing.file);
  for (const auto& [branches, files] : files_lacking) {
    const std::string more =
        files.size() > 1 ? " and " + std::to_string(files.size() - 1) + " more" : "";
    log.warning(files.front() + more + ": no branch " + core::join(branches) +
                ": written as 0 (mcEventWeight: 1); features that need one of them are refused "
                "later (stats, train)");
  }
}

void warn_of_left_out_input(const LeftOutInput& input, const core::Logger& log) {
  log.warning(input.reason + " (this file is left out" +
              (input.record.split == damaged_split ? "; --strict stops here)" : ")"));
}

// Says what the plan does not use and how, each only once.
class PlanNotes {
 public:
  PlanNotes(const PrepareConfig& config, const core::Logger& log) : config_(config), log_(log) {}

  void say(const PreparePlan& plan) {
    const bool is_first = std::exchange(is_first_, false);
    if (is_first) log_fewer_threads(config_, plan, log_);
    for (const LeftOutInput& input : plan.left_out)
      if (said_.insert(input.reason).second) warn_of_left_out_input(input, log_);
    if (is_first) warn_of_incomplete_inputs(plan.provenance, log_);
  }

 private:
  const PrepareConfig& config_;
  const core::Logger& log_;
  std::set<std::string> said_;
  bool is_first_ = true;
};

// Calls work(plan) until no more input files turn out to be damaged, each time with a plan without
// these.
template <class Work>
auto work_without_damaged(const PrepareConfig& config, const PrepareFormats& formats,
                          const core::Logger& log, PreparePlan plan, DamageRecord& damage,
                          Work&& work) {
  PlanNotes notes(config, log);
  while (true) {
    notes.say(plan);
    const std::size_t known = damage.known().size();
    auto result = work(plan);
    if (result || damage.known().size() == known) return result;
    try {
      plan = make_plan(config, formats, damage.known());
    } catch (const core::DataError&) {
      // Nothing is left to make a set of; the files can be mended.
      damage.remove();
      throw;
    }
  }
}

void warn_of_implausible_values(const std::vector<ChunkResult>& chunks, const core::Logger& log) {
  ImplausibleCounts all;
  for (const ChunkResult& chunk : chunks) add_implausible(chunk.implausible, all);
  warn_of_implausible(all, "the input files", log);
}

void add_small_samples(SmallSamples& small, const fs::path& folder, const PrepareFormats& formats,
                       Manifest& manifest) {
  for (const Split split : splits) {
    const std::string name = small_folder_name(split);
    const auto shard = write_small_sample(small.take(split), folder / name, formats);
    manifest.splits[name] = shard ? shard->counts : Counts{};
    std::vector<ShardInfo>& shards = manifest.shards[name];
    if (shard) shards.push_back(*shard);
  }
}

std::optional<PrepareResult> prepare_set(const PrepareConfig& config, const PrepareFormats& formats,
                                         const PrepareHooks& hooks, const PreparePlan& plan,
                                         DamageRecord& damage, MissingWork missing) {
  const fs::path folder = config.output;
  FinishedChunks of_pieces = read_pieces(folder, plan);
  if (missing == MissingWork::refuse) require_finished_pieces(folder, plan, of_pieces);
  // The journals are read first: they say which of the files in the folder are finished shards.
  SmallSamples small(config.small_events);
  PrepareJournal journal(PrepareJournal::path_in(folder), plan.identity());
  journal.take_over(std::move(of_pieces));
  remove_unfinished_shards(folder, journal);
  const auto results =
      process_chunks(config, formats, plan, {0, plan.chunks.size()}, journal, small, damage, hooks);
  if (!results) return std::nullopt;
  Manifest manifest = make_manifest(plan, results->chunks);
  // Another call with the same inputs would end here again, so nothing is left to continue.
  if (manifest.input_counts.kept_events == 0) {
    damage.remove();
    journal.remove();
  }
  // An empty set is an error before any manifest exists, so the folder never looks complete.
  require_events(manifest);
  warn_of_implausible_values(results->chunks, hooks.log);
  add_small_samples(small, folder, formats, manifest);
  write_manifests(folder, manifest);
  remove_piece_journals(folder);
  damage.remove();
  journal.remove();
  return PrepareResult{std::move(manifest), false, results->hits_read, plan.threads, {}};
}

// What an earlier call with the same inputs and settings made.
std::optional<Manifest> find_result(const PrepareConfig& config, const PrepareFormats& formats,
                                    const PreparePlan& plan) {
  return find_complete_set(config.output, plan.identity(), config.skip_bad, formats.policy);
}

}  // namespace

void warn_of_incomplete_inputs(const Provenance& provenance, const core::Logger& log) {
  warn_of_missing_branches(provenance, log);
  for (const core::UnfinishedFile& file : provenance.unfinished_inputs)
    log.warning(file.file + ": " + core::describe_loss(file));
}

std::optional<PrepareResult> prepare(const PrepareConfig& config, const PrepareFormats& formats,
                                     const PrepareHooks& hooks, MissingWork missing) {
  // A complete set may lie where nothing can be written.
  if (!fs::exists(fs::path(config.output) / manifest_file_name))
    core::require_output_folder(config.output);
  DamageRecord damage(config.output);
  PreparePlan plan = make_plan(config, formats, damage.known());
  if (auto found = find_result(config, formats, plan))
    return check_and_repair_set(config, formats, hooks, plan, std::move(*found));
  std::optional<core::DirectoryLock> lock(std::in_place, config.output, hooks.log);
  // Another program may have finished it before it gave up the lock.
  if (auto found = find_result(config, formats, plan)) {
    lock.reset();
    return check_and_repair_set(config, formats, hooks, plan, std::move(*found));
  }
  open_output_folder(config.output);
  return work_without_damaged(
      config, formats, hooks.log, std::move(plan), damage, [&](const PreparePlan& current) {
        return prepare_set(config, formats, hooks, current, damage, missing);
      });
}

std::optional<PieceResult> prepare_piece(const PrepareConfig& config, const PrepareFormats& formats,
                                         const Piece& piece, const PrepareHooks& hooks) {
  if (!fs::exists(fs::path(config.output) / manifest_file_name))
    core::require_output_folder(config.output);
  DamageRecord damage(config.output);
  PreparePlan plan = make_plan(config, formats, damage.known());
  if (find_result(config, formats, plan)) return PieceResult{.set_is_complete = true};
  const PieceLock lock(config.output, piece, hooks.log);
  if (find_result(config, formats, plan)) return PieceResult{.set_is_complete = true};
  open_output_folder(config.output);
  return work_without_damaged(config, formats, hooks.log, std::move(plan), damage,
                              [&](const PreparePlan& current) {
                                return make_piece(config, formats, piece, hooks, current, damage);
                              });
}

}  // namespace stationhit::data
