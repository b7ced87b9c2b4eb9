#include <algorithm>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/materialized/piece_records.hpp>

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* prefix = "materialize.piece.";

std::string or_none(const std::string& path) { return path.empty() ? "null" : path; }

std::string run_again(const data::Piece& piece) {
  return "run --shard " + data::text_of(piece) +
         ", or leave --merge out, which makes what is missing";
}

}  // namespace

struct PieceRecords::Record {
  std::string normalization_stats, fingerprint;
  bool is_finished = false;
};

PieceRecords::PieceRecords(fs::path folder, std::string normalization_stats,
                           const std::string& normalization)
    : folder_(std::move(folder)),
      normalization_stats_(std::move(normalization_stats)),
      fingerprint_(core::to_hex(core::hash_text(normalization))) {}

fs::path PieceRecords::path_of(const data::Piece& piece) const {
  return folder_ / (prefix + data::file_suffix(piece));
}

std::vector<data::Piece> PieceRecords::find() const {
  std::vector<data::Piece> pieces;
  if (!fs::is_directory(folder_)) return pieces;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (const auto piece = data::piece_of_suffix(entry.path().filename().string(), prefix))
      pieces.push_back(*piece);
  }
  std::ranges::sort(pieces, {},
                    [](const data::Piece& piece) { return std::tuple(piece.of, piece.number); });
  return pieces;
}

PieceRecords::Record PieceRecords::read(const data::Piece& piece) const {
  const std::string where = path_of(piece).string();
  const std::string text = core::read_text_file(where);
  return core::read_json<json>(where, "remove it and " + run_again(piece), [&] {
    core::require_json_depth(text, where);
    const json record = json::parse(text);
    return Record{record.at("normalization_stats").get<std::string>(),
                  record.at("fingerprint").get<std::string>(), record.at("finished").get<bool>()};
  });
}

void PieceRecords::write(const data::Piece& piece, bool is_finished) const {
  const json record{{"normalization_stats", normalization_stats_},
                    {"fingerprint", fingerprint_},
                    {"finished", is_finished}};
  core::write_text_file(path_of(piece),
                        record.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

void PieceRecords::require_fitting(const data::Piece& found, std::size_t of) const {
  if (found.of != of)
    throw core::DataError(folder_.string() + ": holds piece " + data::text_of(found) +
                          ", which overlaps with pieces of " + std::to_string(of) +
                          "; give pieces of one number, or another folder");
  const Record record = read(found);
  if (record.fingerprint == fingerprint_) return;
  throw core::DataError(
      folder_.string() + ": piece " + data::text_of(found) + " was made with normalization_stats " +
      or_none(record.normalization_stats) + ", which has other numbers than " +
      or_none(normalization_stats_) + " here; give the same file, or another folder");
}

void PieceRecords::begin(const data::Piece& piece) const {
  for (const data::Piece& found : find()) require_fitting(found, piece.of);
  fs::create_directories(folder_);
  write(piece, false);
}

void PieceRecords::finish(const data::Piece& piece) const { write(piece, true); }

std::size_t PieceRecords::require_all() const {
  const std::vector<data::Piece> pieces = find();
  if (pieces.empty())
    throw core::DataError(folder_.string() +
                          ": holds no pieces to merge; make them with --shard 1/N to N/N, or leave "
                          "--merge out");
  const std::size_t of = pieces.front().of;
  for (const data::Piece& found : pieces) require_fitting(found, of);
  for (std::size_t number = 1; number <= of; ++number) {
    const data::Piece piece{number, of};
    if (std::ranges::find(pieces, piece) == pieces.end())
      throw core::DataError(folder_.string() + ": piece " + data::text_of(piece) + " is missing; " +
                            run_again(piece));
    if (!read(piece).is_finished)
      throw core::DataError(folder_.string() + ": piece " + data::text_of(piece) +
                            " is not finished; " + run_again(piece));
  }
  return of;
}

void PieceRecords::remove() const {
  for (const data::Piece& piece : find()) fs::remove(path_of(piece));
}

}  // namespace stationhit::materialized
