// A line is made and read as one JSON document. Every array is walked by hand, so that an error
// names the element: the library would convert what it finds.
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/onnx_file/model_file.hpp>

namespace stationhit::inference {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* next_step = "make the dump again, or take the line out";
constexpr std::size_t longest_value = 60;  // of what a message shows

std::string place(const std::string& name, std::size_t index) {
  return name + "[" + std::to_string(index) + "]";
}

// For an element of a file. The next step is known there.
[[noreturn]] void fail(const std::string& where, const std::string& name, const std::string& is,
                       const std::string& expected) {
  throw core::DataError(where + ": " + name + " " + is + ", expected " + expected + "; " +
                        next_step);
}

std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > longest_value) text = text.substr(0, longest_value) + "...";
  return text;
}

// The sizes that every event fulfills.
void check_sizes(const DumpedEvent& event, const std::string& where) {
  const std::string n = std::to_string(event.n_nodes());
  if (event.feature_names.empty()) fail(where, "feature_names", "is empty", "at least one feature");
  if (event.features.size() != event.n_nodes() * event.feature_names.size()) {
    fail(where, "features", "has " + std::to_string(event.features.size()) + " numbers",
         n + " x " + std::to_string(event.feature_names.size()) +
             ", the number of scores x that of feature_names");
  }
  if (event.kept.size() != event.n_nodes()) {
    fail(where, "kept", "has " + std::to_string(event.kept.size()) + " decisions",
         n + ", the number of scores");
  }
  if (event.edge_sources.size() != event.edge_destinations.size()) {
    fail(where, "edge_index",
         "has " + std::to_string(event.edge_sources.size()) + " sources and " +
             std::to_string(event.edge_destinations.size()) + " destinations",
         "as many of both");
  }
}

void check_nodes(const std::vector<std::int64_t>& nodes, std::size_t n_nodes,
                 const std::string& name, const std::string& where) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] >= 0 && std::cmp_less(nodes[i], n_nodes)) continue;
    fail(where, place(name, i), "is " + std::to_string(nodes[i]),
         "a node of the " + std::to_string(n_nodes) + " of the event");
  }
}

void check_finite(const std::vector<float>& values, const std::string& name,
                  const std::string& where) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw core::DataError(where + ": " + place(name, i) + " is " + std::to_string(values[i]) +
                          ", which JSON cannot hold; leave hits with NaN or infinities out of the "
                          "call of the model, and count a logit that is not finite as -100");
  }
}

void check(const DumpedEvent& event, const std::string& where) {
  check_sizes(event, where);
  check_nodes(event.edge_sources, event.n_nodes(), "edge_index[0]", where);
  check_nodes(event.edge_destinations, event.n_nodes(), "edge_index[1]", where);
}

const Json& array_of(const Json& value, const std::string& name, const std::string& where) {
  if (!value.is_array()) fail(where, name, "is " + shown(value), "an array");
  return value;
}

float read_float(const Json& value, const std::string& name, const std::string& where) {
  if (!value.is_number()) fail(where, name, "is " + shown(value), "a finite number");
  const auto number = value.get<double>();
  if (std::abs(number) > double{std::numeric_limits<float>::max()})
    fail(where, name, "is " + shown(value), "a number of float32");
  return static_cast<float>(number);
}

void read_floats(const Json& array, const std::string& name, const std::string& where,
                 std::vector<float>& values) {
  for (std::size_t i = 0; i < array_of(array, name, where).size(); ++i) {
    // The name of the element is made for an error only: an event has 10^5 numbers.
    if (array[i].is_number_float() && std::abs(array[i].get<double>()) < 1e38) {
      values.push_back(static_cast<float>(array[i].get<double>()));
    } else {
      values.push_back(read_float(array[i], place(name, i), where));
    }
  }
}

void read_features(const Json& rows, std::size_t n_features, const std::string& where,
                   std::vector<float>& values) {
  for (std::size_t i = 0; i < array_of(rows, "features", where).size(); ++i) {
    const std::string name = place("features", i);
    if (array_of(rows[i], name, where).size() != n_features) {
      fail(where, name, "has " + std::to_string(rows[i].size()) + " numbers",
           std::to_string(n_features) + ", the number of feature_names");
    }
    read_floats(rows[i], name, where, values);
  }
}

std::vector<std::int64_t> read_nodes(const Json& array, const std::string& name,
                                     const std::string& where) {
  std::vector<std::int64_t> nodes;
  nodes.reserve(array_of(array, name, where).size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (!core::is_whole<std::int64_t>(array[i]))
      fail(where, place(name, i), "is " + shown(array[i]), "a whole number");
    nodes.push_back(array[i].get<std::int64_t>());
  }
  return nodes;
}

std::vector<std::uint8_t> read_decisions(const Json& array, const std::string& where) {
  std::vector<std::uint8_t> kept;
  for (std::size_t i = 0; i < array_of(array, "kept", where).size(); ++i) {
    if (!array[i].is_boolean())
      fail(where, place("kept", i), "is " + shown(array[i]), "true or false");
    kept.push_back(array[i].get<bool>() ? 1 : 0);
  }
  return kept;
}

void require_schema(const Json& line, const std::string& where) {
  const Json& schema = line.at("schema");
  if (schema == Json(event_dump_schema)) return;
  throw core::DataError(where + ": schema is " + shown(schema) + ", expected \"" +
                        std::string(event_dump_schema) +
                        "\"; read the dump with the version of stationhit that wrote it, or make "
                        "it again");
}

DumpedEvent read_event(const Json& line, const std::string& where) {
  require_schema(line, where);
  DumpedEvent event;
  event.model_hash = line.at("model").get<std::string>();
  event.run_number = core::read_whole<std::uint64_t>(line, "run");
  event.event_number = core::read_whole<std::uint64_t>(line, "event");
  event.feature_names = line.at("feature_names").get<std::vector<std::string>>();
  event.cut = read_float(line.at("cut"), "cut", where);
  read_floats(line.at("scores"), "scores", where, event.scores);
  read_features(line.at("features"), event.feature_names.size(), where, event.features);
  const Json& edges = array_of(line.at("edge_index"), "edge_index", where);
  if (edges.size() != 2)
    fail(where, "edge_index", "has " + std::to_string(edges.size()) + " rows", "2");
  event.edge_sources = read_nodes(edges[0], "edge_index[0]", where);
  event.edge_destinations = read_nodes(edges[1], "edge_index[1]", where);
  event.kept = read_decisions(line.at("kept"), where);
  return event;
}

Json rows_of(const DumpedEvent& event) {
  const std::size_t n_features = event.feature_names.size();
  Json rows = Json::array();
  for (auto row = event.features.begin(); row != event.features.end();) {
    const auto end = row + static_cast<std::ptrdiff_t>(n_features);
    rows.push_back(std::vector<float>(row, end));
    row = end;
  }
  return rows;
}

Json decisions_of(const DumpedEvent& event) {
  Json kept = Json::array();
  for (const std::uint8_t one : event.kept) kept.push_back(one != 0);
  return kept;
}

}  // namespace

std::string hash_model_file(const std::filesystem::path& path) {
  core::Hasher hasher;
  hasher.add(onnx_file::read_model_bytes(path));
  return hasher.hex();
}

void EventDumpWriter::write(const DumpedEvent& event) {
  const std::string where = file_.path().string() + ":" + std::to_string(line_ + 1);
  check(event, where);
  check_finite({event.cut}, "cut", where);
  check_finite(event.features, "features", where);
  check_finite(event.scores, "scores", where);
  const Json line{{"schema", event_dump_schema},
                  {"model", event.model_hash},
                  {"run", event.run_number},
                  {"event", event.event_number},
                  {"feature_names", event.feature_names},
                  {"cut", event.cut},
                  {"features", rows_of(event)},
                  {"edge_index", Json::array({event.edge_sources, event.edge_destinations})},
                  {"scores", event.scores},
                  {"kept", decisions_of(event)}};
  file_.write(line.dump() + "\n");
  ++line_;
}

EventDumpReader::EventDumpReader(std::filesystem::path path) : path_(std::move(path)) {
  core::require_input_file(path_);
  file_.open(path_, std::ios::binary);
  if (!file_) throw core::DataError(path_.string() + ": cannot be read");
}

std::string EventDumpReader::where() const { return path_.string() + ":" + std::to_string(line_); }

bool EventDumpReader::next(DumpedEvent& event) {
  std::string text;
  if (!std::getline(file_, text)) {
    if (file_.bad()) throw core::DataError(path_.string() + ": reading failed");
    return false;
  }
  ++line_;
  const std::string place = where();
  core::require_json_depth(text, place);
  Json line = Json::parse(text, nullptr, false);
  if (line.is_discarded()) {
    throw core::DataError(place +
                          (file_.eof() ? ": is cut off" : ": is no JSON (which has no NaN)") +
                          ", it begins with '" + text.substr(0, longest_value) + "'; " + next_step);
  }
  event = core::read_json<Json>(place, next_step, [&] { return read_event(line, place); });
  check(event, place);
  return true;
}

}  // namespace stationhit::inference
