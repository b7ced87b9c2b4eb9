// A chunk is read event by event, and every kept event goes to the shard of its split. Shards are
// made when their first event comes, so no empty ones exist. A chunk depends on the plan alone:
// whatever thread or call works on it, the same files result.
#include "prepare_chunk.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <tuple>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/checksums.hpp>

#include "repeated_events.hpp"
#include "verifying_reader.hpp"

namespace stationhit::data {
namespace {

// The shard of one split while its chunk is worked on.
class OpenShard {
 public:
  OpenShard(const ChunkContext& context, Split split, std::size_t chunk)
      : context_(context),
        split_(split),
        chunk_(chunk),
        is_wanted_(context.only_shards.empty() ||
                   context.only_shards.contains(context.shard_path(split, chunk))) {}

  void write(const core::Event& event, std::uint64_t rank) {
    if (!is_wanted_) return;
    if (!writer_) writer_ = context_.formats.create_shard(context_.shard_path(split_, chunk_));
    writer_->write(event);
    hasher_.add(event);
    // The position in the shard is remembered beside the rank, so that a continued run can find the
    // event again without applying the cuts.
    context_.small.offer(split_, rank, chunk_, counts_.events, event);
    candidates_.push_back({rank, counts_.events});
    counts_.add(event);
  }

  void complete_into(MadeChunk& made) {
    if (!writer_) return;
    writer_->complete();
    made.shards.push_back(std::move(writer_));
    const auto s = static_cast<std::size_t>(split_);
    made.result.shards[s] = ShardInfo{context_.shard_path(split_, chunk_).filename().string(),
                                      counts_, hasher_.digest()};
    keep_lowest_candidates();
    made.result.candidates[s] = std::move(candidates_);
  }

 private:
  // A debug sample takes at most small_events of the whole split, so no more than that many can
  // come from one chunk.
  void keep_lowest_candidates() {
    const std::size_t kept =
        std::min<std::size_t>(context_.config.small_events, candidates_.size());
    std::sort(candidates_.begin(), candidates_.end(),
              [](const SmallCandidate& a, const SmallCandidate& b) {
                return std::tie(a.rank, a.position) < std::tie(b.rank, b.position);
              });
    candidates_.resize(kept);
  }

  const ChunkContext& context_;
  Split split_;
  std::size_t chunk_;
  bool is_wanted_;
  std::unique_ptr<core::StagedEventWriter> writer_;
  ColumnHasher hasher_;
  Counts counts_;
  std::vector<SmallCandidate> candidates_;
};

// The events of a chunk in the input.
class ChunkReader {
 public:
  ChunkReader(const ChunkContext& context, const Chunk& chunk)
      : file_(context.plan.files[chunk.file]), chunk_(chunk) {
    guard([&] { reader_ = context.formats.open_input(file_.path, chunk.first, chunk.count); });
  }

  // Throws DamagedInput.
  void read(core::Event& event) {
    guard([&] {
      if (!reader_->next(event))
        throw core::DataError(
            file_.path.string() + ": ends after " + std::to_string(chunk_.first + done_) + " of " +
            std::to_string(file_.entries) + " events; the file changed or is damaged");
      // The selection indexes muons by truth link and would read out of bounds without this check.
      core::check_consistency(event, reader_->where());
    });
    ++done_;
  }

  [[nodiscard]] const core::EventReader& events() const { return *reader_; }

 private:
  template <class Work>
  void guard(Work&& work) try {
    work();
  } catch (const core::DataError& error) {
    throw DamagedInput(chunk_.file, error.what());
  }

  const InputFile& file_;
  const Chunk& chunk_;
  std::unique_ptr<core::EventReader> reader_;
  std::uint64_t done_ = 0;
};

// True if the event can be used; counts it as bad or throws if it has NaN or Inf.
bool is_finite(const core::Event& event, const core::EventReader& reader, bool skip_bad,
               InputCounts& counts) {
  const std::string found = core::first_non_finite(event);
  if (found.empty()) return true;
  if (!skip_bad) {
    throw core::DataError(reader.where() + ": " + found +
                          "; skip such events with --skip-bad (skip_bad: true; they are counted in "
                          "the manifest) or make the file again");
  }
  ++counts.bad_events;
  return false;
}

}  // namespace

std::string shard_file_name(std::size_t chunk, const std::string& extension) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "shard_%06zu", chunk);
  return text.data() + extension;
}

std::uint64_t rank_of(const core::Event& event, const std::string& input_file, std::uint64_t seed) {
  return event_rank(seed, input_file, {event.header.run_number, event.header.event_number});
}

std::filesystem::path shard_path(const PrepareConfig& config, const PrepareFormats& formats,
                                 Split split, std::size_t chunk) {
  return std::filesystem::path(config.output) / folder_name(split) /
         shard_file_name(chunk, formats.shard_extension);
}

std::filesystem::path ChunkContext::shard_path(Split split, std::size_t chunk) const {
  return data::shard_path(config, formats, split, chunk);
}

void MadeChunk::publish() const {
  for (const auto& shard : shards) shard->close();
}

std::optional<MadeChunk> process_chunk(const ChunkContext& context, std::size_t chunk_number,
                                       const std::vector<std::uint32_t>& repeated) {
  const Chunk& chunk = context.plan.chunks[chunk_number];
  const InputFile& file = context.plan.files[chunk.file];
  ChunkReader reader(context, chunk);
  std::array<OpenShard, 3> shards{OpenShard(context, Split::train, chunk_number),
                                  OpenShard(context, Split::validation, chunk_number),
                                  OpenShard(context, Split::test, chunk_number)};
  MadeChunk made;
  ChunkResult& result = made.result;
  result.repeated = repeated;
  core::Event event;
  for (std::uint64_t i = 0; i < chunk.count; ++i) {
    if (context.stop_requested()) return std::nullopt;
    reader.read(event);
    context.events_done(1);
    result.events.push_back(identify_event(event));
    add_implausible(event, result.implausible);
    ++result.input.events;
    result.input.hits += event.hits.size();
    if (std::ranges::binary_search(repeated, i)) {
      ++result.input.repeated_events;
      continue;
    }
    if (!is_finite(event, reader.events(), context.config.skip_bad, result.input)) continue;
    const SelectionResult selected = apply_selection(event, context.config.selection);
    result.input.add(selected);
    if (!selected.kept) continue;
    shards[static_cast<std::size_t>(context.plan.split_of(chunk.file, chunk.first + i))].write(
        event, rank_of(event, file.name, context.config.split.seed));
  }
  for (OpenShard& shard : shards) shard.complete_into(made);
  return made;
}

void check_chunk(const ChunkContext& context, const Chunk& chunk) {
  ChunkReader reader(context, chunk);
  core::Event event;
  for (std::uint64_t i = 0; i < chunk.count && !context.stop_requested(); ++i) reader.read(event);
}

void revisit_chunk(const ChunkContext& context, std::size_t chunk, const ChunkResult& result) {
  for (const Split split : splits) {
    const auto s = static_cast<std::size_t>(split);
    if (!result.shards[s]) continue;
    // Position in the shard -> rank, for the few events that may belong to a debug sample.
    std::map<std::uint64_t, std::uint64_t> rank_at;
    for (const SmallCandidate& candidate : result.candidates[s])
      rank_at[candidate.position] = candidate.rank;
    const auto path = context.shard_path(split, chunk);
    const auto reader =
        verify_while_reading(context.formats.open_shard(path), *result.shards[s], path.string());
    core::Event event;
    for (std::uint64_t position = 0; reader->next(event); ++position) {
      const auto found = rank_at.find(position);
      if (found != rank_at.end()) context.small.offer(split, found->second, chunk, position, event);
    }
  }
  context.events_done(context.plan.chunks[chunk].count);
}

}  // namespace stationhit::data
