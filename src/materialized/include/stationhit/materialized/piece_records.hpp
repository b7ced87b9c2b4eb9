// What is known of the pieces of a materialized set until they are merged: a file for each of them
// in the folder of the set, materialize.piece.3-of-16.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/data/pieces.hpp>

namespace stationhit::materialized {

class PieceRecords {
 public:
  // normalization_stats: path of the statistics file, whose text is `normalization`; both empty
  // where there is none.
  PieceRecords(std::filesystem::path folder, std::string normalization_stats,
               const std::string& normalization);

  // Begins a piece. Throws DataError naming a piece that is there already and was cut for another
  // number of pieces, or was made with other statistics.
  void begin(const data::Piece& piece) const;
  void finish(const data::Piece& piece) const;

  // The number of pieces. Throws DataError naming the first piece that is missing, not finished, or
  // foreign as above, and for a folder without pieces.
  [[nodiscard]] std::size_t require_all() const;
  void remove() const;

 private:
  struct Record;

  [[nodiscard]] std::filesystem::path path_of(const data::Piece& piece) const;
  // Ascending.
  [[nodiscard]] std::vector<data::Piece> find() const;
  [[nodiscard]] Record read(const data::Piece& piece) const;
  void write(const data::Piece& piece, bool is_finished) const;
  void require_fitting(const data::Piece& found, std::size_t of) const;

  std::filesystem::path folder_;
  std::string normalization_stats_, fingerprint_;
};

}  // namespace stationhit::materialized
