// Features and edges that a tool gave its model against those of another dump of the same events:
// whether it computes the inputs of the model as stationhit does (`infer --dump-events`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/inference/event_dump.hpp>

namespace stationhit::workflow {

// "FILE:LINE, event 7", with FILE:LINE as `where`.
[[nodiscard]] std::string place_of(const inference::DumpedEvent& event, const std::string& where);

// The values of one feature.
struct FeatureDifference {
  std::uint64_t nodes = 0;  // that differ by more than the tolerance
  double largest = 0;       // |value - reference| / max(1, |reference|) over all nodes
  std::string where = {};   // "FILE:LINE, event 7, node 3", where it is largest; empty if it is 0
  float value = 0, reference = 0;  // there
};

struct InputComparison {
  std::vector<std::string> feature_names;   // [F]
  std::vector<FeatureDifference> features;  // [F]
  std::uint64_t events = 0, nodes = 0;      // that were compared
  std::uint64_t reordered_events = 0;       // with the same nodes in another order
  // Events with another number of nodes: nothing else of them is compared. The first one, as text.
  std::uint64_t other_counts = 0;
  std::string first_other_count = {};
  // Edges of the reference that are not there, and the other way round; the first one, as text.
  std::uint64_t missing_edges = 0, additional_edges = 0;
  std::string first_other_edge = {};

  [[nodiscard]] bool agrees() const;
};

// Whether an edge from a to b is the same as one from b to a, given once or twice.
enum class EdgeDirection { matters, is_ignored };

// Reads the reference along with the events that are compared. Not thread-safe.
class DumpReference {
 public:
  // Throws DataError like EventDumpReader.
  DumpReference(const std::filesystem::path& path, EdgeDirection direction, double tolerance)
      : reader_(path), direction_(direction), tolerance_(tolerance), path_(path) {}

  // where: "FILE:LINE" of the event, for messages. Events of the reference that are left out are
  // passed over. Throws DataError if the event does not follow in the reference, if its features
  // have other names there, and like EventDumpReader.
  void compare(const inference::DumpedEvent& event, const std::string& where);
  [[nodiscard]] const InputComparison& result() const { return result_; }

 private:
  void find(const inference::DumpedEvent& event, const std::string& where);
  void compare_features(const inference::DumpedEvent& event, const std::string& where);
  void compare_edges(const inference::DumpedEvent& event, const std::vector<std::int64_t>& names,
                     const std::vector<std::int64_t>& reference_names, const std::string& where);

  inference::EventDumpReader reader_;
  EdgeDirection direction_;
  double tolerance_;
  std::filesystem::path path_;
  inference::DumpedEvent reference_;  // the last one that was read
  InputComparison result_;
};

}  // namespace stationhit::workflow
