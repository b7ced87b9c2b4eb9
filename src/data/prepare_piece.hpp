// Pieces of a preparation: what a job makes of one, and what the whole takes over.
#pragma once

#include <filesystem>
#include <optional>

#include <stationhit/data/prepare.hpp>

#include "prepare_journal.hpp"
#include "prepare_plan.hpp"

namespace stationhit::data {

// The chunks of the piece; its journal stays for the whole. nullopt: stopped.
[[nodiscard]] std::optional<PieceResult> make_piece(const PrepareConfig& config,
                                                    const PrepareFormats& formats,
                                                    const Piece& piece, const PrepareHooks& hooks,
                                                    const PreparePlan& plan);

// Throws DataError naming the first piece that is not finished, and for a folder without pieces.
void require_finished_pieces(const std::filesystem::path& folder, const PreparePlan& plan);

// What the pieces in the folder have finished counts as finished in `journal`. Throws DataError for
// pieces of another set.
void take_over_pieces(const std::filesystem::path& folder, const PreparePlan& plan,
                      PrepareJournal& journal);

void remove_piece_journals(const std::filesystem::path& folder);

}  // namespace stationhit::data
