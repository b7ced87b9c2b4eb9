// A piece is a range of chunks with a journal of its own. Shards are named by their chunks, so
// pieces never write the same file, and the whole is a continued run that finds everything
// finished.
#include "prepare_piece.hpp"

#include <iterator>
#include <string>

#include <stationhit/core/errors.hpp>

#include "prepare_chunk.hpp"
#include "prepare_chunks.hpp"
#include "small_samples.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

// Pieces of different numbers overlap, and would write the same shards.
void require_fitting_pieces(const fs::path& folder, const Piece& piece, const PreparePlan& plan) {
  PrepareJournal::require_same_set(PrepareJournal::path_in(folder), plan.identity());
  for (const Piece& other : PrepareJournal::pieces_in(folder)) {
    PrepareJournal::require_same_set(PrepareJournal::path_in(folder, other), plan.identity());
    if (other.of != piece.of)
      throw core::DataError(folder.string() + ": holds piece " + text_of(other) +
                            ", which overlaps with piece " + text_of(piece) +
                            "; give pieces of one number, or another folder");
  }
}

ChunkRange range_of(const Piece& piece, const PreparePlan& plan) {
  const auto [first, end] = piece.range(plan.chunks.size());
  return {first, end};
}

// Of a job that was killed.
void remove_unfinished_shards_of(const ChunkRange& range, const PrepareJournal& journal,
                                 const PrepareConfig& config, const PrepareFormats& formats) {
  for (std::size_t chunk = range.first; chunk < range.end; ++chunk) {
    if (journal.finished().contains(chunk)) continue;
    for (const Split split : splits) fs::remove(shard_path(config, formats, split, chunk));
  }
}

}  // namespace

std::optional<PieceResult> make_piece(const PrepareConfig& config, const PrepareFormats& formats,
                                      const Piece& piece, const PrepareHooks& hooks,
                                      const PreparePlan& plan, DamageRecord& damage) {
  const fs::path folder = config.output;
  require_fitting_pieces(folder, piece, plan);
  const ChunkRange range = range_of(piece, plan);
  PrepareJournal journal(PrepareJournal::path_in(folder, piece), plan.identity());
  remove_unfinished_shards_of(range, journal, config, formats);
  SmallSamples unused(0);
  const auto results = process_chunks(config, formats, plan, range, journal, unused, damage, hooks);
  if (!results) return std::nullopt;
  PieceResult result{.chunks = range.end - range.first,
                     .hits_read_now = results->hits_read,
                     .threads = plan.threads};
  for (const ChunkResult& chunk : results->chunks) result.input += chunk.input;
  return result;
}

void require_finished_pieces(const fs::path& folder, const PreparePlan& plan,
                             const FinishedChunks& finished_chunks) {
  const std::vector<Piece> pieces = PrepareJournal::pieces_in(folder);
  if (pieces.empty())
    throw core::DataError(folder.string() +
                          ": holds no pieces to merge; make them with --shard 1/N to N/N, or "
                          "prepare without --merge");
  const std::size_t of = pieces.front().of;
  for (std::size_t number = 1; number <= of; ++number) {
    const Piece piece{number, of};
    const ChunkRange range = range_of(piece, plan);
    const auto finished = std::distance(finished_chunks.lower_bound(range.first),
                                        finished_chunks.lower_bound(range.end));
    if (static_cast<std::size_t>(finished) < range.end - range.first)
      throw core::DataError(folder.string() + ": piece " + text_of(piece) + " has finished " +
                            std::to_string(finished) + " of its " +
                            std::to_string(range.end - range.first) + " shards; run --shard " +
                            text_of(piece) +
                            " again, or prepare without --merge, which makes "
                            "what is missing");
  }
}

FinishedChunks read_pieces(const fs::path& folder, const PreparePlan& plan) {
  FinishedChunks finished;
  for (const Piece& piece : PrepareJournal::pieces_in(folder)) {
    const PrepareJournal journal(PrepareJournal::path_in(folder, piece), plan.identity());
    finished.insert(journal.finished().begin(), journal.finished().end());
  }
  return finished;
}

void remove_piece_journals(const fs::path& folder) {
  for (const Piece& piece : PrepareJournal::pieces_in(folder))
    fs::remove(PrepareJournal::path_in(folder, piece));
}

}  // namespace stationhit::data
