// Work in pieces: I/N of a long list, for jobs that share a folder and know nothing of each other.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <stationhit/core/directory_lock.hpp>

namespace stationhit::data {

struct Piece {
  std::size_t number = 1;  // 1 to of
  std::size_t of = 1;

  bool operator==(const Piece&) const = default;

  // Its part [first, end) of a list of n things. All pieces together have each of them once, in
  // the order of the list.
  [[nodiscard]] std::pair<std::size_t, std::size_t> range(std::size_t n) const {
    return {n * (number - 1) / of, n * number / of};
  }
};

// "3/16", as --shard takes it and as messages name it.
[[nodiscard]] std::string text_of(const Piece& piece);
// "3-of-16", as in names of files.
[[nodiscard]] std::string file_suffix(const Piece& piece);
// Reads "3/16". Throws UsageError naming the option `option`.
[[nodiscard]] Piece parse_piece(const std::string& text, const std::string& option);
// The piece of a file name "<prefix>3-of-16"; none for other names.
[[nodiscard]] std::optional<Piece> piece_of_suffix(const std::string& file_name,
                                                   std::string_view prefix);

// What becomes of work that no piece has done when the whole is made: it is done now, or it is an
// error.
enum class MissingWork { make, refuse };

// Held while a piece, or without one the whole, is made in a folder: other pieces are made there at
// the same time, the same one and the whole are not. Throws DataError as DirectoryLock.
class PieceLock {
 public:
  PieceLock(const std::filesystem::path& folder, const std::optional<Piece>& piece,
            const core::Logger& log)
      : folder_(folder, log, piece ? core::LockMode::shared : core::LockMode::alone) {
    if (piece)
      piece_.emplace(folder, log, "piece." + file_suffix(*piece),
                     "makes piece " + text_of(*piece) + " here");
  }

 private:
  core::DirectoryLock folder_;
  std::optional<core::DirectoryLock> piece_;
};

}  // namespace stationhit::data
