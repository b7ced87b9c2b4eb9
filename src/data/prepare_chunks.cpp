// Worker threads take the chunks one after the other. While a chunk waits for the disk, its worker
// makes the next one. All that they share is thread-safe: the journal, the debug samples, and here
// the hooks, which are called by one thread at a time.
#include "prepare_chunks.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
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

 private:
  const PrepareHooks& hooks_;
  std::uint64_t n_entries_;
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  std::atomic<bool> stopped_{false};
};

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

}  // namespace

std::optional<ChunkResults> process_chunks(const PrepareConfig& config,
                                           const PrepareFormats& formats, const PreparePlan& plan,
                                           const ChunkRange& range, PrepareJournal& journal,
                                           SmallSamples& small, const PrepareHooks& hooks) {
  SharedHooks shared(hooks, plan.n_entries(range.first, range.end));
  const ChunkContext context{config,
                             formats,
                             plan,
                             small,
                             [&](std::uint64_t n) { shared.report_events(n); },
                             [&] { return shared.stop_requested(); }};
  EventRegister events(plan);
  ChunkResults results;
  results.chunks.resize(plan.chunks.size());
  std::atomic<std::uint64_t> hits_read{0};
  const auto finish = [&](std::size_t chunk, ChunkResult result) {
    // Moved out: the register is the only place that keeps them.
    events.add(chunk, std::exchange(result.events, {}));
    results.chunks[chunk] = std::move(result);
  };
  PendingChunks pending(plan.threads);
  core::parallel_for(range.end - range.first, plan.threads, [&](std::size_t i) {
    const std::size_t chunk = range.first + i;
    if (shared.stop_requested()) return;
    if (auto earlier = take_over_chunk(context, journal, chunk, shared))
      return finish(chunk, std::move(*earlier));
    auto made = process_chunk(context, chunk);
    if (!made) return;
    hits_read += made->result.input.hits;
    pending.add([&, chunk, made = std::make_shared<MadeChunk>(std::move(*made))] {
      made->publish();
      journal.append(chunk, made->result);
      finish(chunk, std::move(made->result));
    });
  });
  pending.finish();
  if (shared.stopped()) return std::nullopt;
  results.hits_read = hits_read;
  return results;
}

}  // namespace stationhit::data
