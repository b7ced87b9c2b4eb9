// Shards are processed one after the other; inside a shard, turns of a few events per thread are
// made in parallel and appended in order, so the file does not depend on the number of threads. A
// part carries a fingerprint of its shard, features and graph: a later call keeps the parts whose
// fingerprint and checksum are right, which makes resuming a matter of skipping them. The manifest
// is written last.
#include <algorithm>
#include <set>
#include <utility>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/materialized/materialize.hpp>

#include "part.hpp"

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;

// Events per thread that are made before they are appended to the part.
constexpr std::size_t events_per_turn = 4;

std::string part_file_name(const data::ShardInfo& shard) {
  return fs::path(shard.file).stem().string() + ".safetensors";
}

// Equal fingerprints give equal parts.
std::string fingerprint(const Settings& settings, const data::ShardInfo& shard,
                        int format = manifest_format) {
  core::Hasher hasher;
  const auto add = [&](const std::string& text) {
    // The length in front keeps "ab", "c" apart from "a", "bc".
    hasher.add(text.size());
    hasher.add(text);
  };
  hasher.add(static_cast<std::uint64_t>(format));
  for (const std::string& name : settings.features) add(name);
  add(graph::to_json(settings.graph));
  add(shard.file);
  for (const auto& [column, checksum] : shard.columns) {
    add(column);
    add(checksum);
  }
  return hasher.hex();
}

class SplitWriter {
 public:
  SplitWriter(const data::PreparedSplit& source, const data::ShardOpener& open,
              const Settings& settings, fs::path folder, unsigned threads, const Hooks& hooks,
              const Jobs& jobs)
      : source_(source),
        open_(open),
        settings_(settings),
        folder_(std::move(folder)),
        threads_(threads),
        hooks_(hooks),
        jobs_(jobs) {}

  std::optional<Manifest> write() {
    const data::PieceLock lock(folder_, jobs_.piece, hooks_.log);
    prepare_folder();
    if (jobs_.piece) require_own_parts();
    const auto [first, end] = jobs_.piece.value_or(data::Piece{}).range(source_.n_shards());
    auto manifest = write_parts(first, end);
    if (manifest && !jobs_.piece) write_manifest(folder_, *manifest);
    return manifest;
  }

 private:
  std::optional<Manifest> write_parts(std::size_t first, std::size_t end) {
    Manifest manifest = empty_manifest();
    std::size_t kept = 0;
    for (std::size_t shard = first; shard < end; ++shard) {
      std::optional<PartInfo> part = find_kept_part(shard);
      kept += part ? 1 : 0;
      if (!part && jobs_.missing == data::MissingWork::refuse) refuse_missing(shard);
      if (!part) part = make_part(shard);
      if (!part) return std::nullopt;
      manifest.counts += part->counts;
      manifest.parts.push_back(*part);
      report(manifest.counts.events);
    }
    if (kept > 0)
      hooks_.log.info(folder_.string() + ": " + std::to_string(kept) + " of " +
                      std::to_string(end - first) + " parts were there already");
    return manifest;
  }

  // Parts of other pieces are those of this set; their content is compared when all are merged.
  void require_own_parts() const {
    for (const data::ShardInfo& shard : source_.manifest.shards) {
      const fs::path path = folder_ / part_file_name(shard);
      if (!fs::exists(path)) continue;
      const std::string found = fingerprint_of(path);
      if (found != fingerprint(settings_, shard) && !is_of_earlier_format(found, shard))
        refuse_foreign(path, found, shard);
    }
  }

  [[noreturn]] void refuse_foreign(const fs::path& path, const std::string& found,
                                   const data::ShardInfo& shard) const {
    throw core::DataError(
        path.string() + ": was made from other events, or with other features or another graph (" +
        describe_differences(found, fingerprint(settings_, shard)) +
        "); choose another output folder or remove this one");
  }

  [[noreturn]] void refuse_missing(std::size_t shard) const {
    throw core::DataError((folder_ / part_file_name(source_.manifest.shards[shard])).string() +
                          ": is missing; " + piece_to_run(shard) +
                          "leave --merge out, which makes what is missing");
  }

  // "run --shard 2/3 again, or "; empty where the number of pieces is unknown.
  [[nodiscard]] std::string piece_to_run(std::size_t shard) const {
    for (std::size_t number = 1; number <= jobs_.pieces; ++number) {
      const data::Piece piece{number, jobs_.pieces};
      if (shard < piece.range(source_.n_shards()).second)
        return "run --shard " + data::text_of(piece) + " again, or ";
    }
    return "";
  }

  // Any file that does not belong here is an error: parts of other shards would go unnoticed, and a
  // prepared split must not lose its manifest.
  void prepare_folder() const {
    std::set<std::string> known;
    if (is_materialized_split(folder_)) known.insert(data::manifest_file_name);
    for (const data::ShardInfo& shard : source_.manifest.shards)
      known.insert(part_file_name(shard));
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() == ".partial") {
        // Other pieces are writing theirs.
        if (!jobs_.piece) fs::remove(entry.path());
      } else if (!name.starts_with(core::DirectoryLock::file_name) && !known.contains(name)) {
        throw core::DataError(entry.path().string() +
                              ": is no part of what is made here; choose another output folder");
      }
    }
  }

  [[nodiscard]] Manifest empty_manifest() const {
    const data::Provenance& provenance = source_.manifest.provenance;
    return {manifest_format,
            std::string(core::version()),
            settings_,
            source_.manifest.split,
            provenance.fingerprint,
            provenance.sample,
            {},
            {}};
  }

  [[nodiscard]] PartInfo describe(const data::ShardInfo& shard) const {
    const Part part(folder_ / part_file_name(shard), settings_, manifest_format);
    return {part_file_name(shard), shard.file, part.checksum(), part.counts()};
  }

  // The part that an earlier call finished, if any. Throws if the part belongs to something else.
  [[nodiscard]] std::optional<PartInfo> find_kept_part(std::size_t index) const {
    const data::ShardInfo& shard = source_.manifest.shards[index];
    const fs::path path = folder_ / part_file_name(shard);
    if (!fs::exists(path)) return std::nullopt;
    std::string found;
    try {
      found = fingerprint_of(path);
      if (found == fingerprint(settings_, shard)) return describe(shard);
      if (is_of_earlier_format(found, shard)) {
        hooks_.log.info(path.string() + ": is of an earlier format and is made again");
        return std::nullopt;
      }
    } catch (const core::DataError& error) {
      hooks_.log.warning(std::string(error.what()) + " (this part is made again now)");
      return std::nullopt;
    }
    refuse_foreign(path, found, shard);
  }

  [[nodiscard]] bool is_of_earlier_format(const std::string& found,
                                          const data::ShardInfo& shard) const {
    for (int format = oldest_format; format < manifest_format; ++format)
      if (found == fingerprint(settings_, shard, format)) return true;
    return false;
  }

  // An unfinished split has no manifest that could say more than the fingerprints of its parts.
  [[nodiscard]] std::string describe_differences(const std::string& found,
                                                 const std::string& wanted) const {
    std::string text;
    const auto compare = [&](const std::string& what, const std::string& before,
                             const std::string& now) {
      if (before != now) text += (text.empty() ? "" : "; ") + what + " " + before + ", now " + now;
    };
    if (is_materialized_split(folder_)) {
      const Manifest earlier = read_manifest(folder_), now = empty_manifest();
      compare("features:", core::join(earlier.settings.features), core::join(settings_.features));
      compare("graph:", graph::to_json(earlier.settings.graph), graph::to_json(settings_.graph));
      compare("prepared set", earlier.source_fingerprint, now.source_fingerprint);
    }
    if (text.empty()) compare("fingerprint", found, wanted);
    return text;
  }

  std::optional<PartInfo> make_part(std::size_t index) {
    const data::ShardInfo& shard = source_.manifest.shards[index];
    PartBuilder builder;
    const auto events = features::label_events(data::read_shard(source_, index, open_),
                                               settings_.graph, settings_.features);
    while (add_next_events(*events, builder)) {
      if (hooks_.stop_requested && hooks_.stop_requested()) return std::nullopt;
    }
    builder.write(folder_ / part_file_name(shard), settings_, fingerprint(settings_, shard));
    return describe(shard);
  }

  // Returns false at the end of the events.
  bool add_next_events(features::LabeledEventStream& events, PartBuilder& builder) {
    std::vector<features::LabeledEventStream::Job> jobs;
    while (jobs.size() < events_per_turn * threads_) {
      auto job = events.next();
      if (!job) break;
      jobs.push_back(std::move(*job));
    }
    std::vector<features::LabeledEvent> made(jobs.size());
    core::parallel_for(jobs.size(), threads_, [&](std::size_t i) { made[i] = jobs[i](); });
    for (const auto& event : made) builder.add(event);
    return !jobs.empty();
  }

  void report(std::uint64_t events) const {
    if (hooks_.progress) hooks_.progress(events, source_.counts().events);
  }

  const data::PreparedSplit& source_;
  const data::ShardOpener& open_;
  const Settings& settings_;
  fs::path folder_;
  unsigned threads_;
  const Hooks& hooks_;
  const Jobs& jobs_;
};

}  // namespace

std::optional<Manifest> materialize(const data::PreparedSplit& source,
                                    const data::ShardOpener& open, const Settings& settings,
                                    const fs::path& folder, unsigned threads, const Hooks& hooks,
                                    const Jobs& jobs) {
  graph::check(settings.graph);
  features::check_feature_names(settings.features);
  return SplitWriter(source, open, settings, folder, threads, hooks, jobs).write();
}

}  // namespace stationhit::materialized
