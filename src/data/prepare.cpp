#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/prepare.hpp>
#include <stationhit/data/prepared_split.hpp>

#include "prepare_chunk.hpp"
#include "prepare_journal.hpp"
#include "prepare_plan.hpp"
#include "small_samples.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_folders() {
  std::vector<std::string> names;
  for (const Split split : splits) names.emplace_back(folder_name(split));
  for (const Split split : splits) names.push_back(small_folder_name(split));
  return names;
}

// The set that the folder already holds, if it is complete. Throws where it is another one.
std::optional<Manifest> complete_set(const fs::path& folder, const std::string& fingerprint,
                                     bool skip_bad) {
  if (!fs::exists(folder / manifest_file_name)) return std::nullopt;
  Manifest manifest = read_manifest(folder);
  if (manifest.provenance.fingerprint != fingerprint) {
    throw core::DataError(
        folder.string() +
        ": holds a set prepared with other settings or other input files (fingerprint " +
        manifest.provenance.fingerprint + ", now " + fingerprint +
        "); choose another output folder or remove this one");
  }
  if (manifest.input_counts.bad_events > 0 && !skip_bad) {
    throw core::DataError(folder.string() + ": holds this set with " +
                          std::to_string(manifest.input_counts.bad_events) +
                          " events left out for NaN or Inf; accept that with --skip-bad (skip_bad: "
                          "true) or make the input files again");
  }
  for (const auto& [name, counts] : manifest.splits) {
    if (open_split(folder / name).counts() != counts)
      throw core::DataError((folder / name).string() +
                            ": its manifest differs from the one of the set; remove " +
                            folder.string() + " and run again");
  }
  return manifest;
}

void make_folders(const fs::path& folder) {
  for (const std::string& name : split_folders()) {
    std::error_code error;
    fs::create_directories(folder / name, error);
    if (error)
      throw core::DataError((folder / name).string() +
                            ": cannot make this folder: " + error.message());
  }
}

// Folders of splits without a journal or manifest were not left by an interrupted run: never mix
// with them.
void check_unused(const fs::path& folder) {
  if (fs::exists(folder) && !fs::is_directory(folder))
    throw core::DataError(folder.string() + ": is a file; 'output' must be a folder");
  if (fs::exists(PrepareJournal::path_in(folder))) return;
  for (const std::string& name : split_folders()) {
    if (fs::exists(folder / name) && !fs::is_empty(folder / name))
      throw core::DataError((folder / name).string() +
                            ": holds files that no known preparation made; choose another output "
                            "folder or remove them");
  }
}

void log_fewer_threads(const PrepareConfig& config, const PreparePlan& plan,
                       const core::Logger& log) {
  const std::size_t wanted =
      std::min<std::size_t>(core::resolve_threads(config.threads), plan.chunks.size());
  if (plan.threads == wanted) return;
  log.info(std::to_string(plan.threads) + " of " + std::to_string(wanted) +
           " threads fit into memory_limit = " + std::to_string(config.memory_limit) +
           " MiB; raise it where the machine has more");
}

class Run {
 public:
  Run(const PrepareConfig& config, const PrepareFormats& formats, const PrepareHooks& hooks,
      const PreparePlan& plan)
      : config_(config),
        formats_(formats),
        hooks_(hooks),
        plan_(plan),
        folder_(config.output),
        small_(config.small_events),
        journal_(folder_, plan.provenance.fingerprint),
        results_(plan.chunks.size()),
        n_entries_(plan.n_entries()) {}

  std::optional<PrepareResult> run() {
    remove_unfinished();
    process_chunks();
    if (stopped_) return std::nullopt;
    PrepareResult result{make_manifest(), false, hits_read_, plan_.threads};
    check_not_empty(result.manifest);
    write_small_samples(result.manifest);
    publish(result.manifest);
    journal_.remove();
    return result;
  }

 private:
  // What an interrupted run left besides its finished chunks.
  void remove_unfinished() {
    std::set<fs::path> finished;
    for (const auto& [chunk, result] : journal_.finished()) {
      for (const Split split : splits) {
        const auto& shard = result.shards[static_cast<std::size_t>(split)];
        if (shard) finished.insert(folder_ / folder_name(split) / shard->file);
      }
    }
    for (const std::string& name : split_folders()) {
      for (const auto& entry : fs::directory_iterator(folder_ / name)) {
        if (!finished.contains(entry.path())) fs::remove(entry.path());
      }
    }
  }

  void process_chunks() {
    const ChunkContext context{config_,
                               formats_,
                               plan_,
                               small_,
                               [this](std::uint64_t n) { report(n); },
                               [this] { return stop_requested(); }};
    core::parallel_for(plan_.chunks.size(), plan_.threads, [&](std::size_t chunk) {
      if (stop_requested() || reuse(context, chunk)) return;
      const auto result = process_chunk(context, chunk);
      if (!result) return;
      journal_.append(chunk, *result);
      hits_read_ += result->input.hits;
      results_[chunk] = *result;
    });
  }

  // True if an earlier run finished the chunk and its shards are as it left them.
  bool reuse(const ChunkContext& context, std::size_t chunk) {
    const auto found = journal_.finished().find(chunk);
    if (found == journal_.finished().end()) return false;
    if (found->second.input.bad_events > 0 && !config_.skip_bad) return false;
    try {
      revisit_chunk(context, chunk, found->second);
    } catch (const core::DataError& error) {
      const std::scoped_lock lock(hooks_mutex_);
      hooks_.log.warning(std::string(error.what()) + " (this shard is made again now)");
      return false;
    }
    results_[chunk] = found->second;
    return true;
  }

  bool stop_requested() {
    if (hooks_.stop_requested && hooks_.stop_requested()) stopped_ = true;
    return stopped_;
  }

  void report(std::uint64_t n) {
    const std::scoped_lock lock(hooks_mutex_);
    done_ += n;
    if (hooks_.progress) hooks_.progress(std::min(done_, n_entries_), n_entries_);
  }

  Manifest make_manifest() const {
    Manifest manifest;
    manifest.provenance = plan_.provenance;
    manifest.inputs = plan_.input_records();
    for (const Split split : splits) {
      Counts& counts = manifest.splits[std::string(folder_name(split))];
      std::vector<ShardInfo>& shards = manifest.shards[std::string(folder_name(split))];
      for (const ChunkResult& result : results_) {
        const auto& shard = result.shards[static_cast<std::size_t>(split)];
        if (!shard) continue;
        counts += shard->counts;
        shards.push_back(*shard);
      }
    }
    for (const ChunkResult& result : results_) manifest.input_counts += result.input;
    return manifest;
  }

  void check_not_empty(const Manifest& manifest) {
    if (manifest.input_counts.kept_events == 0) {
      journal_.remove();
      throw core::DataError(nothing_kept_text(manifest.input_counts));
    }
    if (manifest.splits.at("train").events == 0) {
      throw core::DataError("the training split has no event (" +
                            std::to_string(manifest.input_counts.kept_events) +
                            " kept events went to validation and test); give more input files, or "
                            "change split.by or split.seed");
    }
  }

  [[nodiscard]] std::string nothing_kept_text(const InputCounts& counts) const {
    const auto dropped = [&](Cut cut) {
      const auto found = counts.dropped_by.find(std::string(name(cut)));
      return std::to_string(found == counts.dropped_by.end() ? 0 : found->second);
    };
    const SelectionConfig& cut = config_.selection;
    std::string text =
        "no event passes the selection: of " + std::to_string(counts.events) + " events " +
        std::to_string(counts.events_without_muon) +
        " have no truth muon, and the last muon failed pT >= " + core::to_text(cut.min_pt) +
        " GeV in " + dropped(Cut::pt) + ", |eta| <= " + core::to_text(cut.max_abs_eta) + " in " +
        dropped(Cut::eta) + ", hits >= " + std::to_string(cut.min_hits) + " in " +
        dropped(Cut::hits);
    if (counts.bad_events > 0)
      text += "; " + std::to_string(counts.bad_events) + " were skipped for NaN or Inf";
    return text +
           "; check the input files, or loosen selection.min_pt, selection.max_abs_eta, "
           "selection.min_hits";
  }

  void write_small_samples(Manifest& manifest) {
    for (const Split split : splits) {
      const std::string name = small_folder_name(split);
      Counts& counts = manifest.splits[name];
      std::vector<ShardInfo>& shards = manifest.shards[name];
      const std::vector<core::Event> events = small_.take(split);
      if (events.empty()) continue;
      const std::string file = "shard_000000" + formats_.shard_extension;
      const auto writer = formats_.create_shard(folder_ / name / file);
      ColumnHasher hasher;
      for (const core::Event& event : events) {
        writer->write(event);
        hasher.add(event);
        counts.add(event);
      }
      writer->close();
      shards.push_back({file, counts, hasher.digest()});
    }
  }

  // The manifest of the set comes last: where it is, everything is complete.
  void publish(const Manifest& manifest) const {
    for (const auto& [name, counts] : manifest.splits)
      write_manifest(folder_ / name,
                     SplitManifest{manifest.provenance, name, counts, manifest.shards.at(name)});
    write_manifest(folder_, manifest);
  }

  const PrepareConfig& config_;
  const PrepareFormats& formats_;
  const PrepareHooks& hooks_;
  const PreparePlan& plan_;
  fs::path folder_;
  SmallSamples small_;
  PrepareJournal journal_;
  std::vector<ChunkResult> results_;
  std::uint64_t n_entries_;
  std::mutex hooks_mutex_;
  std::uint64_t done_ = 0;
  std::atomic<std::uint64_t> hits_read_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::optional<PrepareResult> prepare(const PrepareConfig& config, const PrepareFormats& formats,
                                     const PrepareHooks& hooks) {
  const PreparePlan plan = make_plan(config, formats);
  if (auto manifest = complete_set(config.output, plan.provenance.fingerprint, config.skip_bad))
    return PrepareResult{std::move(*manifest), true, 0, 0};
  check_unused(config.output);
  make_folders(config.output);
  log_fewer_threads(config, plan, hooks.log);
  return Run(config, formats, hooks, plan).run();
}

}  // namespace stationhit::data
