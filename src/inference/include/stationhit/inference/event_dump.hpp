// What an inference tool gave a model and what it decided, as JSON lines: for debugging, and to be
// scored again (dumped_inputs.hpp, `stationhit replay`). An event is a line, an object with the
// keys
//   schema         "stationhit-event-dump/1"
//   model          hash_model_file() of the file that gave the scores
//   run, event     numbers of the event
//   feature_names  [F]
//   cut            a node is kept if its score is above it
//   features       [N, F] by rows
//   edge_index     [2, E]: the sources, then the destinations
//   scores         [N] logits, -100 for those that were not finite
//   kept           [N] true or false
// Numbers have as many digits as their bits need: they are float32 values that come back bit for
// bit, also through double precision.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/output_file.hpp>

namespace stationhit::inference {

// Version of the format; readers take no other.
inline constexpr std::string_view event_dump_schema = "stationhit-event-dump/1";

// An event as it was given to the model. N nodes are hits in buckets.
struct DumpedEvent {
  std::string model_hash;                       // hash_model_file
  std::uint64_t run_number = 0;                 // of the header
  std::uint64_t event_number = 0;               // can exceed 32 bits
  std::vector<std::string> feature_names;       // [F]
  float cut = 0;                                // logit
  std::vector<float> features;                  // [N, F]
  std::vector<std::int64_t> edge_sources;       // [E] node numbers
  std::vector<std::int64_t> edge_destinations;  // [E] node numbers
  std::vector<float> scores;                    // [N]
  std::vector<std::uint8_t> kept;               // [N] 1 or 0

  // N.
  [[nodiscard]] std::size_t n_nodes() const { return scores.size(); }
  // All members are equal.
  bool operator==(const DumpedEvent&) const = default;
};

// XXH3 of the bytes of a model file, 16 hexadecimal digits. Throws DataError naming the path.
[[nodiscard]] std::string hash_model_file(const std::filesystem::path& path);

// Writes events as lines. Not thread-safe.
class EventDumpWriter {
 public:
  // Writes aside; close() gives the file its name. Throws DataError naming the path where no file
  // can be written.
  explicit EventDumpWriter(const std::filesystem::path& path) : file_(path) {}

  // Throws DataError naming file, line, place and value for sizes that contradict each other and
  // for numbers that are not finite, which JSON does not have; the file is as before then. Also if
  // the disk is full.
  void write(const DumpedEvent& event);
  // Without it there is no file.
  void close() { file_.publish(); }

 private:
  core::OutputFile file_;
  std::size_t line_ = 0;
};

// Reads them one after the other. Not thread-safe.
class EventDumpReader {
 public:
  // Throws DataError naming the path if it cannot be read or is no regular file.
  explicit EventDumpReader(std::filesystem::path path);

  // False at the end. Throws DataError naming file, line, place and value for a line that is cut
  // off or no JSON, has another schema, lacks a key or has a wrong one, has numbers that are not
  // finite in float32, sizes that contradict each other or nodes that do not exist.
  [[nodiscard]] bool next(DumpedEvent& event);
  // "FILE:LINE" of the last event.
  [[nodiscard]] std::string where() const;

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::size_t line_ = 0;
};

}  // namespace stationhit::inference
