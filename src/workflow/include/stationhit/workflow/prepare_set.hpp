// Preparation of events: from ntuples to training, validation and test splits.
#pragma once

#include <optional>

#include <stationhit/core/observer.hpp>
#include <stationhit/data/prepare.hpp>

namespace stationhit::workflow {

struct PreparationResult {
  data::PrepareResult prepared;
  double seconds = 0;  // that it took
};

// data::prepare with its messages, progress and stop from the observer. Nothing is returned if the
// observer asked to stop: the same call continues after the finished shards. Throws as
// data::prepare.
[[nodiscard]] std::optional<PreparationResult> prepare_set(
    const data::PrepareConfig& config, const data::PrepareFormats& formats,
    const core::Observer& observer, data::MissingWork missing = data::MissingWork::make);

struct PreparedPiece {
  data::PieceResult piece;
  double seconds = 0;
};

// data::prepare_piece with progress and signals of the program; nullopt: stopped.
[[nodiscard]] std::optional<PreparedPiece> prepare_piece(const data::PrepareConfig& config,
                                                         const data::PrepareFormats& formats,
                                                         const data::Piece& piece,
                                                         const core::Observer& observer);

struct SelectionTrial {
  data::InputCounts input;
  data::Counts kept;
};

// Tries the cuts on the first 50 events of the first input file and writes nothing; warns of that
// file as the preparation would. Throws DataError naming the input.
[[nodiscard]] SelectionTrial try_selection(const data::PrepareConfig& config,
                                           const data::PrepareFormats& formats,
                                           const core::Logger& log);

}  // namespace stationhit::workflow
