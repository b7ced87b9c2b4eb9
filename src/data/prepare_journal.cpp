// One line of JSON per finished chunk, appended with a single write, so that a kill can cut off
// only the last line. Opening the journal reads the whole lines and writes the file anew without
// the rest.
#include "prepare_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/plain_name.hpp>
#include <stationhit/core/write_failure.hpp>

#include "manifest_json.hpp"

namespace stationhit::data {
namespace {

using nlohmann::json;

constexpr const char* again = "remove this folder and prepare again";

json to_json_line(std::size_t chunk, const ChunkResult& result) {
  json line = {{"chunk", chunk},
               {"input", result.input},
               {"events", result.events},
               {"implausible", result.implausible},
               {"splits", json::object()}};
  if (!result.repeated.empty()) line["repeated"] = result.repeated;
  for (const Split split : splits) {
    const auto s = static_cast<std::size_t>(split);
    if (!result.shards[s]) continue;
    json candidates = json::array();
    for (const SmallCandidate& candidate : result.candidates[s])
      candidates.push_back({candidate.rank, candidate.position});
    line["splits"][std::string(folder_name(split))] = {{"shard", *result.shards[s]},
                                                       {"candidates", candidates}};
  }
  return line;
}

ChunkResult from_json_line(const json& line) {
  ChunkResult result;
  line.at("input").get_to(result.input);
  line.at("events").get_to(result.events);
  line.at("implausible").get_to(result.implausible);
  result.repeated = line.value("repeated", std::vector<std::uint32_t>{});
  for (const Split split : splits) {
    const auto s = static_cast<std::size_t>(split);
    const auto found = line.at("splits").find(std::string(folder_name(split)));
    if (found == line.at("splits").end()) continue;
    result.shards[s] = found->at("shard").get<ShardInfo>();
    for (const json& pair : found->at("candidates"))
      result.candidates[s].push_back(
          {pair.at(0).get<std::uint64_t>(), pair.at(1).get<std::uint64_t>()});
  }
  return result;
}

// Journals of earlier versions say no more than the fingerprint; they differ in everything.
SetIdentity identity_of(const json& head) {
  try {
    return {head.at("provenance").get<Provenance>(),
            head.at("inputs").get<std::vector<InputRecord>>(),
            {}};
  } catch (const json::exception&) {
    return {};
  }
}

// Empty for a first line that was cut off or damaged.
std::string fingerprint_of(const json& head) {
  if (!head.is_object() || !head.contains("fingerprint")) return "";
  const json& fingerprint = head.at("fingerprint");
  return fingerprint.is_string() ? fingerprint.get<std::string>() : "";
}

[[noreturn]] void refuse_other_set(const std::filesystem::path& path, const json& head,
                                   const SetIdentity& set) {
  throw core::DataError(path.string() +
                        ": this folder holds an unfinished set with other settings or other input "
                        "files (" +
                        describe_differences(identity_of(head), set) +
                        "); choose another output folder or remove this one");
}

void require_plain_names(const ChunkResult& result, const std::string& where) {
  for (const std::optional<ShardInfo>& shard : result.shards)
    if (shard) core::require_plain_name(shard->file, where, again);
}

// Ranks are hashes and may have any value.
void require_counts_of_chunk(const json& entry, const std::string& where) {
  core::require_counts_in(entry, {"input", "implausible", "repeated"}, where, again);
  for (const json& split : entry.at("splits"))
    core::require_counts_in(split.at("shard"), {"counts"}, where, again);
}

}  // namespace

PrepareJournal::PrepareJournal(std::filesystem::path path, SetIdentity set)
    : path_(std::move(path)), set_(std::move(set)) {
  if (std::filesystem::exists(path_)) read(core::read_text_file(path_));
  rewrite();
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file_ < 0) core::throw_write_failure(path_, errno);
}

PrepareJournal::~PrepareJournal() {
  if (file_ >= 0) ::close(file_);
}

void PrepareJournal::read(const std::string& text) {
  std::istringstream stream(text);
  std::string line;
  std::getline(stream, line);
  // A value that is no object if the first line was cut off or damaged.
  const json head = core::parse_json_or_discard<json>(line, path_.string());
  const std::string found = fingerprint_of(head);
  while (std::getline(stream, line)) {
    core::require_json_depth(line, path_.string());
    try {
      const json entry = json::parse(line);
      require_counts_of_chunk(entry, path_.string());
      finished_.insert_or_assign(entry.at("chunk").get<std::size_t>(), from_json_line(entry));
    } catch (const json::exception&) {
      break;  // the line that was being written when the earlier run was killed
    }
  }
  for (const auto& [chunk, result] : finished_) require_plain_names(result, path_.string());
  // Without finished chunks nothing of the other set exists yet, so the folder may be taken over.
  if (found == set_.provenance.fingerprint || finished_.empty()) return;
  if (!has_damaged_inputs(identity_of(head), set_)) refuse_other_set(path_, head, set_);
  finished_.clear();
}

// Leaves a journal without a cut-off line at its end.
void PrepareJournal::rewrite() {
  const json head = {{"fingerprint", set_.provenance.fingerprint},
                     {"provenance", set_.provenance},
                     {"inputs", set_.inputs}};
  std::string text = head.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  for (const auto& [chunk, result] : finished_) text += to_json_line(chunk, result).dump() + "\n";
  core::write_text_file(path_, text);
}

void PrepareJournal::append(std::size_t chunk, const ChunkResult& result) {
  const std::string line = to_json_line(chunk, result).dump() + "\n";
  const std::scoped_lock lock(mutex_);
  write_line(line);
}

void PrepareJournal::write_line(const std::string& line) {
  std::string_view rest = line;
  // A signal or a full disk may stop a write half-way.
  while (!rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      throw core::DataError(path_.string() + ": writing failed: " + std::strerror(errno) +
                            "; free space on the disk and run again");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PrepareJournal::take_over(std::map<std::size_t, ChunkResult> of_pieces) {
  finished_.merge(of_pieces);
}

void PrepareJournal::remove() { std::filesystem::remove(path_); }

void PrepareJournal::require_same_set(const std::filesystem::path& path, const SetIdentity& set) {
  if (!std::filesystem::exists(path)) return;
  const std::string text = core::read_text_file(path);
  const json head =
      core::parse_json_or_discard<json>(text.substr(0, text.find('\n')), path.string());
  if (fingerprint_of(head) != set.provenance.fingerprint &&
      !has_damaged_inputs(identity_of(head), set))
    refuse_other_set(path, head, set);
}

std::vector<Piece> PrepareJournal::pieces_in(const std::filesystem::path& folder) {
  std::vector<Piece> pieces;
  if (!std::filesystem::is_directory(folder)) return pieces;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto piece = piece_of_suffix(entry.path().filename().string(), "prepare.journal.");
    if (piece) pieces.push_back(*piece);
  }
  std::ranges::sort(pieces, {},
                    [](const Piece& piece) { return std::pair(piece.of, piece.number); });
  return pieces;
}

}  // namespace stationhit::data
