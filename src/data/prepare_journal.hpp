// prepare.journal: the finished chunks of a preparation, one JSON line each, so that a killed run
// can go on. A piece of it has a journal of its own, prepare.journal.3-of-16.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/data/implausible_values.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/pieces.hpp>
#include <stationhit/data/splits.hpp>

#include "prepare_difference.hpp"

namespace stationhit::data {

// A kept event that may belong to a debug sample.
struct SmallCandidate {
  std::uint64_t rank = 0;      // event_rank
  std::uint64_t position = 0;  // in its shard
};

struct ChunkResult {
  InputCounts input;
  ImplausibleCounts implausible;                   // in the input
  std::vector<std::uint64_t> events;               // of the input, by identify_event
  std::vector<std::uint32_t> repeated;             // positions in the chunk that are left out
  std::array<std::optional<ShardInfo>, 3> shards;  // by Split; none where no event was kept
  std::array<std::vector<SmallCandidate>, 3>
      candidates;  // by Split; the kept events of lowest rank
};

class PrepareJournal {
 public:
  // Opens or makes the journal. Throws DataError naming what differs if it belongs to another set
  // and has finished chunks; those of a set with files that are damaged now are forgotten.
  PrepareJournal(std::filesystem::path path, SetIdentity set);
  ~PrepareJournal();
  PrepareJournal(const PrepareJournal&) = delete;
  PrepareJournal& operator=(const PrepareJournal&) = delete;

  // The chunks that an earlier run finished, by number. A line cut off by a kill is ignored.
  [[nodiscard]] const std::map<std::size_t, ChunkResult>& finished() const { return finished_; }
  // Thread-safe. Throws DataError (disk full).
  void append(std::size_t chunk, const ChunkResult& result);
  // Takes over the chunks that pieces have finished and this journal has not.
  void take_over(std::map<std::size_t, ChunkResult> of_pieces);
  void remove();

  [[nodiscard]] static std::filesystem::path path_in(const std::filesystem::path& folder) {
    return folder / "prepare.journal";
  }
  [[nodiscard]] static std::filesystem::path path_in(const std::filesystem::path& folder,
                                                     const Piece& piece) {
    return folder / ("prepare.journal." + file_suffix(piece));
  }
  // Throws DataError naming what differs if there is a journal and it belongs to another set.
  // Another program may be writing it.
  static void require_same_set(const std::filesystem::path& path, const SetIdentity& set);
  // The pieces that have a journal in the folder, ascending.
  [[nodiscard]] static std::vector<Piece> pieces_in(const std::filesystem::path& folder);

 private:
  void read(const std::string& text);
  void rewrite();
  void write_line(const std::string& line);

  std::filesystem::path path_;
  SetIdentity set_;
  std::map<std::size_t, ChunkResult> finished_;
  std::mutex mutex_;
  int file_ = -1;
};

}  // namespace stationhit::data
