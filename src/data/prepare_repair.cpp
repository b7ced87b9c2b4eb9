// All shards are read side by side and compared with the manifest of the set. A damaged shard is
// made by working on its chunk again; a debug sample is drawn again from the shards of its split.
// What was made must have the checksums that the manifest has.
#include "prepare_repair.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>

#include "prepare_chunk.hpp"
#include "prepare_folder.hpp"
#include "small_samples.hpp"
#include "verifying_reader.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

// A shard that the manifest of the set lists.
struct ListedShard {
  Split split;
  bool is_small;  // of the debug sample of the split
  const ShardInfo* info;
  fs::path path;
};

struct Damage {
  ListedShard shard;
  std::string text;
};

std::string folder_of(Split split, bool is_small) {
  return is_small ? small_folder_name(split) : std::string(folder_name(split));
}

std::vector<ListedShard> list_shards(const Manifest& manifest, const fs::path& folder) {
  std::vector<ListedShard> shards;
  for (const bool is_small : {false, true})
    for (const Split split : splits) {
      const std::string name = folder_of(split, is_small);
      for (const ShardInfo& info : manifest.shards.at(name))
        shards.push_back({split, is_small, &info, folder / name / info.file});
    }
  return shards;
}

// Reads shards to their ends and collects what is wrong.
class ShardCheck {
 public:
  ShardCheck(const PrepareFormats& formats, const PrepareHooks& hooks, unsigned threads)
      : formats_(formats), hooks_(hooks), threads_(threads) {}

  // The damaged ones in the order of the list; nullopt if it was stopped.
  std::optional<std::vector<Damage>> find_damage(const std::vector<ListedShard>& shards) {
    std::vector<std::string> texts(shards.size());
    total_ = 0;
    for (const ListedShard& shard : shards) total_ += shard.info->counts.events;
    done_ = 0;
    core::parallel_for(shards.size(), threads_,
                       [&](std::size_t i) { texts[i] = describe_damage(shards[i]); });
    if (stopped_) return std::nullopt;
    std::vector<Damage> damage;
    for (std::size_t i = 0; i < shards.size(); ++i)
      if (!texts[i].empty()) damage.push_back({shards[i], texts[i]});
    return damage;
  }

 private:
  // Empty for a shard that is as the manifest says, and where the work was stopped.
  std::string describe_damage(const ListedShard& shard) {
    try {
      if (!fs::exists(shard.path)) return shard.path.string() + ": is missing";
      const auto reader =
          verify_while_reading(formats_.open_shard(shard.path), *shard.info, shard.path.string());
      core::Event event;
      while (!is_stopped() && reader->next(event)) report_event();
    } catch (const core::DataError& error) {
      return error.what();
    }
    return "";
  }

  bool is_stopped() {
    if (hooks_.stop_requested && hooks_.stop_requested()) stopped_ = true;
    return stopped_;
  }

  void report_event() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (hooks_.progress) hooks_.progress(std::min(done_, total_), total_);
  }

  const PrepareFormats& formats_;
  const PrepareHooks& hooks_;
  unsigned threads_;
  std::mutex mutex_;
  std::uint64_t done_ = 0, total_ = 0;
  std::atomic<bool> stopped_{false};
};

class Repair {
 public:
  Repair(const PrepareConfig& config, const PrepareFormats& formats, const PrepareHooks& hooks,
         const PreparePlan& plan, const Manifest& manifest)
      : config_(config), formats_(formats), hooks_(hooks), plan_(plan), manifest_(manifest) {}

  // False if it was stopped; what was made by then stays.
  bool make_again(const std::vector<Damage>& damage) {
    make_split_folders(config_.output);
    for (const Damage& found : damage)
      hooks_.log.warning(found.text + " (this shard is made again now)");
    if (!make_shards(damage)) return false;
    for (const Damage& found : damage)
      if (found.shard.is_small) make_small_sample(found.shard);
    return true;
  }

  [[nodiscard]] std::uint64_t hits_read() const { return hits_read_; }

 private:
  [[noreturn]] void refuse(const fs::path& shard, const std::string& what) const {
    throw core::DataError(shard.string() + ": " + what + "; remove " + config_.output +
                          " and run again");
  }

  void require_same(const ListedShard& shard, const std::optional<ShardInfo>& made) const {
    if (made != *shard.info)
      refuse(shard.path,
             "the input files give another shard now than the one that the manifest lists");
  }

  // Chunks and their shards that are to be made.
  [[nodiscard]] std::map<std::size_t, std::vector<ListedShard>> chunks_of(
      const std::vector<Damage>& damage, const ChunkContext& context) const {
    std::map<fs::path, std::size_t> chunk_of;
    for (std::size_t chunk = 0; chunk < plan_.chunks.size(); ++chunk)
      for (const Split split : splits) chunk_of[context.shard_path(split, chunk)] = chunk;
    std::map<std::size_t, std::vector<ListedShard>> chunks;
    for (const Damage& found : damage) {
      if (found.shard.is_small) continue;
      const auto chunk = chunk_of.find(found.shard.path);
      if (chunk == chunk_of.end()) refuse(found.shard.path, "no chunk of the input files gives it");
      chunks[chunk->second].push_back(found.shard);
    }
    return chunks;
  }

  // Positions of the events that the set left out because the input has them twice.
  [[nodiscard]] std::vector<std::uint32_t> repeated_in(std::size_t number) const {
    const Chunk& chunk = plan_.chunks[number];
    std::vector<std::uint32_t> positions;
    for (const RepeatedEntries& entries : manifest_.repeated_events)
      for (std::uint64_t i = 0; entries.input == chunk.file && i < chunk.count; ++i)
        if (chunk.first + i >= entries.first && chunk.first + i - entries.first < entries.count)
          positions.push_back(static_cast<std::uint32_t>(i));
    return positions;
  }

  bool make_shards(const std::vector<Damage>& damage) {
    SmallSamples unused(0);
    std::atomic<bool> stopped{false};
    ChunkContext context{config_,
                         formats_,
                         plan_,
                         unused,
                         [](std::uint64_t) {},
                         [&] {
                           if (hooks_.stop_requested && hooks_.stop_requested()) stopped = true;
                           return stopped.load();
                         }};
    for (const Damage& found : damage) context.only_shards.insert(found.shard.path);
    const auto by_chunk = chunks_of(damage, context);
    const std::vector<std::pair<std::size_t, std::vector<ListedShard>>> chunks(by_chunk.begin(),
                                                                               by_chunk.end());
    core::parallel_for(chunks.size(), plan_.threads, [&](std::size_t i) {
      const auto& [chunk, shards] = chunks[i];
      const auto made = process_chunk(context, chunk, repeated_in(chunk));
      if (!made) return;
      made->publish();
      hits_read_ += made->result.input.hits;
      for (const ListedShard& shard : shards)
        require_same(shard, made->result.shards[static_cast<std::size_t>(shard.split)]);
    });
    return !stopped;
  }

  // The shards of the split are whole by now.
  void make_small_sample(const ListedShard& small) {
    SmallSamples samples(config_.small_events);
    for (std::size_t chunk = 0; chunk < plan_.chunks.size(); ++chunk)
      offer_shard_of(chunk, small.split, samples);
    require_same(small,
                 write_small_sample(samples.take(small.split), small.path.parent_path(), formats_));
  }

  void offer_shard_of(std::size_t chunk, Split split, SmallSamples& samples) const {
    const std::string name = shard_file_name(chunk, formats_.shard_extension);
    const fs::path path = fs::path(config_.output) / folder_name(split) / name;
    const auto& listed = manifest_.shards.at(std::string(folder_name(split)));
    if (std::ranges::find(listed, name, &ShardInfo::file) == listed.end()) return;
    const std::string& input = plan_.files[plan_.chunks[chunk].file].name;
    const auto reader = formats_.open_shard(path);
    core::Event event;
    for (std::uint64_t position = 0; reader->next(event); ++position)
      samples.offer(split, rank_of(event, input, config_.split.seed), chunk, position, event);
  }

  const PrepareConfig& config_;
  const PrepareFormats& formats_;
  const PrepareHooks& hooks_;
  const PreparePlan& plan_;
  const Manifest& manifest_;
  std::atomic<std::uint64_t> hits_read_{0};
};

void write_lost_manifests(const std::vector<std::string>& names, const fs::path& folder,
                          const Manifest& manifest, const core::Logger& log) {
  for (const std::string& name : names) {
    log.warning((folder / name / manifest_file_name).string() +
                ": is missing or damaged (it is written again now)");
    write_split_manifest(folder, manifest, name);
  }
}

std::vector<ListedShard> shards_of(const std::vector<Damage>& damage) {
  std::vector<ListedShard> shards;
  for (const Damage& found : damage) shards.push_back(found.shard);
  return shards;
}

}  // namespace

std::optional<PrepareResult> check_and_repair_set(const PrepareConfig& config,
                                                  const PrepareFormats& formats,
                                                  const PrepareHooks& hooks,
                                                  const PreparePlan& plan, Manifest manifest) {
  const fs::path folder = config.output;
  ShardCheck check(formats, hooks, plan.threads);
  auto damage = check.find_damage(list_shards(manifest, folder));
  if (!damage) return std::nullopt;
  if (damage->empty() && find_lost_manifests(folder, manifest).empty())
    return PrepareResult{std::move(manifest), true, 0, 0, {}};
  const core::DirectoryLock lock(folder, hooks.log);
  // Another program may have made them before it gave up the lock.
  damage = check.find_damage(shards_of(*damage));
  if (!damage) return std::nullopt;
  Repair repair(config, formats, hooks, plan, manifest);
  if (!repair.make_again(*damage)) return std::nullopt;
  write_lost_manifests(find_lost_manifests(folder, manifest), folder, manifest, hooks.log);
  PrepareResult result{{}, false, repair.hits_read(), plan.threads, {}};
  for (const Damage& found : *damage) result.made_again.push_back(found.shard.path);
  result.manifest = std::move(manifest);
  return result;
}

}  // namespace stationhit::data
