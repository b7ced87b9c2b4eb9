// Worker threads take the chunks one after the other. While a chunk waits for the disk, its worker
// makes the next one. All that they share is thread-safe: the journal, the debug samples, the
// damage record, and here the hooks, which are called by one thread at a time. Damage ends the
// work; what has not been read yet, here or by other programs, is read to find all damaged files at
// once: which files are used depends on all of them.
#include "prepare_chunks.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>

#include "pending_chunks.hpp"
#include "prepare_chunk.hpp"
#include "repeated_events.hpp"

namespace stationhit::data {
namespace {

// The hooks as several threads use them.
class SharedHooks {
 public:
  SharedHooks(const PrepareHooks& hooks, std::uint64_t n_entries)
      : hooks_(hooks), n_entries_(n_entries) {}

  // Stays true once it was true, so that all chunks stop.
  bool stop_requested() {
    if (hooks_.stop_requested && hooks_.stop_requested()) stopped_ = true;
    return stopped_;
  }

  [[nodiscard]] bool stopped() const { return stopped_; }

  void report_events(std::uint64_t n) {
    const std::scoped_lock lock(mutex_);
    done_ += n;
    if (hooks_.progress) hooks_.progress(std::min(done_, n_entries_), n_entries_);
  }

  void warn(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    hooks_.log.warning(text);
  }

  void inform(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    hooks_.log.info(text);
  }

 private:
  const PrepareHooks& hooks_;
  std::uint64_t n_entries_;
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  std::atomic<bool> stopped_{false};
};

// What went wrong with input files.
class FoundDamage {
 public:
  explicit FoundDamage(const PreparePlan& plan) : plan_(plan) {}

  void add(const DamagedInput& error) {
    const std::scoped_lock lock(mutex_);
    reasons_.emplace(error.file(), error.what());
  }
  [[nodiscard]] bool any() const {
    const std::scoped_lock lock(mutex_);
    return !reasons_.empty();
  }
  [[nodiscard]] bool has(std::size_t file) const {
    const std::scoped_lock lock(mutex_);
    return reasons_.contains(file);
  }
  [[nodiscard]] std::vector<DamagedFile> list() const {
    const std::scoped_lock lock(mutex_);
    std::vector<DamagedFile> files;
    for (const auto& [file, reason] : reasons_)
      files.push_back({plan_.files[file].name, plan_.files[file].checksum, reason});
    return files;
  }

 private:
  const PreparePlan& plan_;
  mutable std::mutex mutex_;
  std::map<std::size_t, std::string> reasons_;  // by file of the plan
};

// Runs a step that reads input. Damage is noted where the file may be left out.
template <class Work>
void note_damage(const ChunkContext& context, FoundDamage& damage, Work&& work) try {
  work();
} catch (const DamagedInput& error) {
  const auto& path = context.plan.files[error.file()].path;
  if (stops_at_damage(path, context.formats.policy.damaged)) throw;
  damage.add(error);
}

// What has not been read of all files, or of some.
std::vector<Chunk> list_unread(const PreparePlan& plan, const std::vector<char>& is_read,
                               const std::set<std::size_t>& files) {
  const auto is_wanted = [&](std::size_t file) { return files.empty() || files.contains(file); };
  std::vector<Chunk> unread;
  for (std::size_t chunk = 0; chunk < plan.chunks.size(); ++chunk)
    if (is_read[chunk] == 0 && is_wanted(plan.chunks[chunk].file))
      unread.push_back(plan.chunks[chunk]);
  if (plan.method == SplitMethod::by_event) return unread;
  for (std::size_t file = 0; file < plan.files.size(); ++file)
    if (!plan.file_splits[file] && is_wanted(file))
      unread.push_back({file, 0, plan.files[file].entries});
  return unread;
}

void check_unread(const ChunkContext& context, const std::vector<Chunk>& unread,
                  FoundDamage& damage) {
  core::parallel_for(unread.size(), context.plan.threads, [&](std::size_t i) {
    if (context.stop_requested() || damage.has(unread[i].file)) return;
    note_damage(context, damage, [&] { check_chunk(context, unread[i]); });
  });
}

// The result of an earlier call, if it finished the chunk and the shards are as it left them.
std::optional<ChunkResult> take_over_chunk(const ChunkContext& context,
                                           const PrepareJournal& journal, std::size_t chunk,
                                           SharedHooks& hooks) {
  const auto found = journal.finished().find(chunk);
  if (found == journal.finished().end()) return std::nullopt;
  // Made again, so that it ends with the error that the user now asks for.
  if (found->second.input.bad_events > 0 && !context.config.skip_bad) return std::nullopt;
  try {
    revisit_chunk(context, chunk, found->second);
  } catch (const core::DataError& error) {
    hooks.warn(std::string(error.what()) + " (this shard is made again now)");
    return std::nullopt;
  }
  return found->second;
}

// The work on the chunks of a range.
class ChunkWork {
 public:
  ChunkWork(const ChunkContext& context, PrepareJournal& journal, DamageRecord& record,
            SharedHooks& hooks)
      : context_(context),
        journal_(journal),
        record_(record),
        hooks_(hooks),
        events_(context.plan, context.formats.policy.duplicates),
        damage_(context.plan),
        is_read_(context.plan.chunks.size()),
        pending_(context.plan.threads) {
    results_.chunks.resize(context.plan.chunks.size());
  }

  // False: stopped, or the plan is void.
  bool run(const ChunkRange& range) {
    try {
      core::parallel_for(range.end - range.first, context_.plan.threads,
                         [&](std::size_t i) { work_on(range.first + i); });
      pending_.finish();
      if (is_whole(range) && goes_on()) leave_out_repeated();
    } catch (const RepeatedEvent& error) {
      // No reason to stop where one of the two files is left out.
      look_for_damage({error.files().begin(), error.files().end()});
      if (!damage_.any()) throw;
    }
    if (damage_.any()) look_for_damage({});
    if (damage_.any() && !hooks_.stopped()) record_.add(damage_.list());
    return !hooks_.stopped() && !damage_.any() && !plan_is_void_;
  }

  ChunkResults take_results() {
    results_.hits_read = hits_read_;
    return std::move(results_);
  }

 private:
  void work_on(std::size_t chunk) {
    if (!goes_on()) return;
    // Another program that makes a piece of the set reads other parts of the input.
    if (record_.read_again()) {
      plan_is_void_ = true;
      return;
    }
    if (auto earlier = take_over_chunk(context_, journal_, chunk, hooks_)) {
      is_read_[chunk] = 1;
      return finish(chunk, std::move(*earlier));
    }
    std::optional<MadeChunk> made;
    note_damage(context_, damage_, [&] { made = process_chunk(context_, chunk); });
    if (!made) return;
    is_read_[chunk] = 1;
    hits_read_ += made->result.input.hits;
    pending_.add([this, chunk, made = std::make_shared<MadeChunk>(std::move(*made))] {
      made->publish();
      journal_.append(chunk, made->result);
      finish(chunk, std::move(made->result));
    });
  }

  [[nodiscard]] bool goes_on() {
    return !hooks_.stop_requested() && !damage_.any() && !plan_is_void_;
  }

  // Pieces do not know of each other's events.
  [[nodiscard]] bool is_whole(const ChunkRange& range) const {
    return range.first == 0 && range.end == results_.chunks.size();
  }

  // Which of two equal events is kept is known when all are there; chunks with others are made
  // again. The debug samples hold events of the first attempt by then.
  void leave_out_repeated() {
    if (context_.formats.policy.duplicates == DuplicateInputs::refuse) return;
    const std::vector<std::vector<std::uint32_t>> repeated = events_.find_repeated();
    if (std::ranges::equal(results_.chunks, repeated, {}, &ChunkResult::repeated)) return;
    context_.small.clear();
    core::parallel_for(repeated.size(), context_.plan.threads, [&](std::size_t chunk) {
      if (!goes_on()) return;
      if (results_.chunks[chunk].repeated == repeated[chunk])
        return revisit_chunk(context_, chunk, results_.chunks[chunk]);
      note_damage(context_, damage_, [&] { make_without(chunk, repeated[chunk]); });
    });
  }

  void make_without(std::size_t chunk, const std::vector<std::uint32_t>& repeated) {
    auto made = process_chunk(context_, chunk, repeated);
    if (!made) return;
    // A chunk may lose its last event of a split.
    for (const Split split : splits)
      if (!made->result.shards[static_cast<std::size_t>(split)])
        std::filesystem::remove(context_.shard_path(split, chunk));
    made->publish();
    journal_.append(chunk, made->result);
    made->result.events.clear();
    results_.chunks[chunk] = std::move(made->result);
  }

  void finish(std::size_t chunk, ChunkResult result) {
    // Moved out: the register is the only place that keeps them.
    events_.add(chunk, std::exchange(result.events, {}));
    results_.chunks[chunk] = std::move(result);
  }

  void look_for_damage(const std::set<std::size_t>& files) {
    const std::vector<Chunk> unread = list_unread(context_.plan, is_read_, files);
    if (files.empty())
      hooks_.inform(
          "an input file is damaged: the rest of the input is read now to find out which "
          "files are, then the set is begun again without these");
    check_unread(context_, unread, damage_);
  }

  const ChunkContext& context_;
  PrepareJournal& journal_;
  DamageRecord& record_;
  SharedHooks& hooks_;
  EventRegister events_;
  FoundDamage damage_;
  std::vector<char> is_read_;  // by chunk; each is written by the thread that works on it
  std::atomic<bool> plan_is_void_{false};
  std::atomic<std::uint64_t> hits_read_{0};
  ChunkResults results_;
  PendingChunks pending_;  // last: what is pending uses the other members
};

}  // namespace

std::optional<ChunkResults> process_chunks(const PrepareConfig& config,
                                           const PrepareFormats& formats, const PreparePlan& plan,
                                           const ChunkRange& range, PrepareJournal& journal,
                                           SmallSamples& small, DamageRecord& damage,
                                           const PrepareHooks& hooks) {
  SharedHooks shared(hooks, plan.n_entries(range.first, range.end));
  const ChunkContext context{config,
                             formats,
                             plan,
                             small,
                             [&](std::uint64_t n) { shared.report_events(n); },
                             [&] { return shared.stop_requested(); }};
  ChunkWork work(context, journal, damage, shared);
  if (!work.run(range)) return std::nullopt;
  return work.take_results();
}

}  // namespace stationhit::data
