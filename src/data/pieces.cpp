#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/data/pieces.hpp>

namespace stationhit::data {
namespace {

constexpr std::size_t most_pieces = 100'000;

std::optional<Piece> read_piece(const std::string& text, const std::string& separator) {
  const std::size_t middle = text.find(separator);
  if (middle == std::string::npos) return std::nullopt;
  const auto number = core::parse_number<std::size_t>(text.substr(0, middle));
  const auto of = core::parse_number<std::size_t>(text.substr(middle + separator.size()));
  if (!number || !of || *number < 1 || *number > *of || *of > most_pieces) return std::nullopt;
  return Piece{*number, *of};
}

}  // namespace

std::string text_of(const Piece& piece) {
  return std::to_string(piece.number) + "/" + std::to_string(piece.of);
}

std::string file_suffix(const Piece& piece) {
  return std::to_string(piece.number) + "-of-" + std::to_string(piece.of);
}

Piece parse_piece(const std::string& text, const std::string& option) {
  const auto piece = read_piece(text, "/");
  if (piece) return *piece;
  throw core::UsageError(option + " " + text +
                         ": expected I/N, the piece I of N (1/16 to 16/16; N at most " +
                         std::to_string(most_pieces) + ")");
}

std::optional<Piece> piece_of_suffix(const std::string& file_name, std::string_view prefix) {
  if (!file_name.starts_with(prefix)) return std::nullopt;
  return read_piece(file_name.substr(prefix.size()), "-of-");
}

}  // namespace stationhit::data
