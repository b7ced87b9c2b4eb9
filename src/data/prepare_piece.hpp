// Pieces of a preparation: what a job makes of one, and what the whole takes over.
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include <stationhit/data/prepare.hpp>

#include "prepare_journal.hpp"
#include "prepare_plan.hpp"

namespace stationhit::data {

// The chunks of the piece; its journal stays for the whole. nullopt: stopped, or the plan is void
// (process_chunks).
[[nodiscard]] std::optional<PieceResult> make_piece(const PrepareConfig& config,
                                                    const PrepareFormats& formats,
                                                    const Piece& piece, const PrepareHooks& hooks,
                                                    const PreparePlan& plan, DamageRecord& damage);

using FinishedChunks = std::map<std::size_t, ChunkResult>;  // by number

// What the pieces in the folder have finished. Throws DataError for pieces of another set.
[[nodiscard]] FinishedChunks read_pieces(const std::filesystem::path& folder,
                                         const PreparePlan& plan);

// Throws DataError naming the first piece that is not finished, and for a folder without pieces.
void require_finished_pieces(const std::filesystem::path& folder, const PreparePlan& plan,
                             const FinishedChunks& finished);

void remove_piece_journals(const std::filesystem::path& folder);

}  // namespace stationhit::data
