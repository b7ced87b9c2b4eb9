// The manifest names settings, source and parts with their checksums. Settings are compared key by
// key under the names of the run file, so that a message can name the one that differs. Settings
// that have no effect with the chosen edges are not compared.
#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/plain_name.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/materialized/manifest.hpp>

namespace stationhit::materialized {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Counts, events, hits, muons, groups, nodes, signal_nodes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartInfo, file, shard, checksum, counts)

namespace {

using nlohmann::json;

constexpr const char* again = "run `stationhit prepare --materialize` again";

std::filesystem::path path_in(const std::filesystem::path& folder) {
  return folder / data::manifest_file_name;
}

bool is_manifest(const json& document) {
  return document.is_object() && document.value("kind", json()) == data::materialized_kind;
}

// A discarded value where the text is no JSON.
json parse_file(const std::filesystem::path& path) {
  return core::parse_json_or_discard<json>(core::read_text_file(path), path.string());
}

json read_json(const std::filesystem::path& path) {
  json document = parse_file(path);
  if (!document.is_object())
    throw core::DataError(path.string() + ": is not a JSON object, the file is damaged; " + again);
  if (!is_manifest(document))
    throw core::DataError(path.string() + ": is not the manifest of a materialised split");
  const json format = document.value("format", json());
  if (!format.is_number_integer() || format < oldest_format || format > manifest_format) {
    throw core::DataError(path.string() + ": has format " + format.dump() +
                          ", this program reads formats " + std::to_string(oldest_format) + " to " +
                          std::to_string(manifest_format) + "; " + again);
  }
  return document;
}

Manifest from_json(const json& document, const std::string& where) {
  Manifest manifest;
  document.at("format").get_to(manifest.format);
  document.at("program_version").get_to(manifest.program_version);
  document.at("features").get_to(manifest.settings.features);
  manifest.settings.graph = graph::from_json(document.at("graph").dump(), where);
  document.at("source").at("split").get_to(manifest.source_split);
  document.at("source").at("fingerprint").get_to(manifest.source_fingerprint);
  document.at("sample").at("origin").get_to(manifest.sample.origin);
  document.at("sample").at("mu").get_to(manifest.sample.mu);
  document.at("counts").get_to(manifest.counts);
  document.at("parts").get_to(manifest.parts);
  return manifest;
}

// The settings that must agree, by their key in the run file.
json settings_by_key(const Settings& settings) {
  json result = {{"features", settings.features}};
  const json graph = json::parse(graph::to_json(settings.graph));
  for (const auto& [key, value] : graph.items())
    if (graph::has_effect(settings.graph, key)) result["graph." + key] = value;
  return result;
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  events += other.events;
  hits += other.hits;
  muons += other.muons;
  groups += other.groups;
  nodes += other.nodes;
  signal_nodes += other.signal_nodes;
  return *this;
}

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest) {
  const json document = {
      {"kind", data::materialized_kind},
      {"format", manifest.format},
      {"program_version", manifest.program_version},
      {"features", manifest.settings.features},
      {"graph", json::parse(graph::to_json(manifest.settings.graph))},
      {"source", {{"split", manifest.source_split}, {"fingerprint", manifest.source_fingerprint}}},
      {"sample", {{"origin", manifest.sample.origin}, {"mu", manifest.sample.mu}}},
      {"counts", manifest.counts},
      {"parts", manifest.parts}};
  core::write_text_file(path_in(folder),
                        document.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

Manifest read_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = path_in(folder);
  const json document = read_json(path);
  Manifest manifest;
  core::require_counts_in(document, {"counts", "parts"}, path.string() + ": damaged manifest",
                          again);
  try {
    manifest = from_json(document, path.string());
  } catch (const json::exception& error) {
    throw core::DataError(path.string() + ": damaged manifest: " + core::json_reason(error.what()) +
                          "; " + again);
  } catch (const core::ConfigError& error) {
    throw core::DataError(std::string(error.what()) + "; " + again);
  }
  Counts sum;
  for (const PartInfo& part : manifest.parts) {
    core::require_plain_name(part.file, path.string(), again);
    core::require_plain_name(part.shard, path.string(), again);
    sum += part.counts;
  }
  if (sum != manifest.counts)
    throw core::DataError(path.string() +
                          ": the counts are not the sum of the parts, the manifest was changed; " +
                          again);
  return manifest;
}

bool is_materialized_split(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(path_in(folder))) return false;
  const std::string text = core::read_text_file(path_in(folder));
  return !core::find_excessive_depth(text) && is_manifest(json::parse(text, nullptr, false));
}

void require_same_settings(const Manifest& manifest, const std::filesystem::path& folder,
                           const Settings& run) {
  const json found = settings_by_key(manifest.settings), wanted = settings_by_key(run);
  // graph.edges decides which other keys are relevant.
  for (const std::string key : {"features", "graph.grouping", "graph.buckets", "graph.edges",
                                "graph.k", "graph.radius", "graph.metric"}) {
    const json has = found.value(key, json()), wants = wanted.value(key, json());
    if (has == wants) continue;
    throw core::ConfigError(folder.string() + ": was materialized with " + key + " " + has.dump() +
                            ", the run file has " + wants.dump() +
                            "; run `stationhit prepare --materialize` with this run file into "
                            "another folder, or change the run file");
  }
}

}  // namespace stationhit::materialized
