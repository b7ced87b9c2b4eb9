// Manifests are JSON with a kind and a format number, which are checked before anything else, so
// that a folder of the wrong kind gives advice and not a missing key. Counts are plain sums: those
// of a split are the sum of its shards.
#include <array>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/plain_name.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/splits.hpp>

#include "manifest_json.hpp"

namespace stationhit::data {
namespace {

using nlohmann::json;

constexpr const char* set_kind = "prepared set";
constexpr const char* split_kind = "prepared split";
constexpr const char* again = "prepare the data again";

// Manifests keep the spelling of their format, messages have that of the documentation.
std::string name_in_messages(const std::string& kind) {
  return kind == materialized_kind ? "materialized split" : kind;
}

// Advice for a user who named the folder of another kind of manifest.
std::string suggest_next_step(const std::string& found, const char* kind) {
  if (found == materialized_kind)
    return "it holds network inputs, not events: name the folder that it was made from";
  return "name the folder of " +
         std::string(std::string(kind) == split_kind ? "a split such as train" : "the whole set");
}

int read_format(const json& document, const std::filesystem::path& path) {
  return core::read_json<json>(path.string() + ": damaged manifest", again, [&] {
    return document.value("provenance", json::object()).value("format", -1);
  });
}

json read_json(const std::filesystem::path& path, const char* kind) {
  const std::filesystem::path folder = path.parent_path();
  if (std::filesystem::is_regular_file(folder))
    throw core::DataError(folder.string() + ": is a file; name the folder of a " + kind);
  if (!std::filesystem::exists(path))
    throw core::DataError(path.string() + ": no such file; this is no complete " + kind +
                          ", make it with `stationhit prepare`");
  json document = core::parse_json_or_discard<json>(core::read_text_file(path), path.string());
  if (!document.is_object())
    throw core::DataError(path.string() +
                          ": is not a JSON object; the file is damaged, prepare the data again");
  const auto kind_entry = document.find("kind");
  const std::string found = kind_entry != document.end() && kind_entry->is_string()
                                ? kind_entry->get<std::string>()
                                : "something else";
  if (found != kind)
    throw core::DataError(path.string() + ": describes a " + name_in_messages(found) + ", not a " +
                          kind + "; " + suggest_next_step(found, kind));
  const int format = read_format(document, path);
  if (format != manifest_format)
    throw core::DataError(path.string() + ": has format " + std::to_string(format) +
                          ", this program reads format " + std::to_string(manifest_format) + "; " +
                          again);
  return document;
}

// Reads a manifest with `fill`. Whatever it finds wrong becomes a message that names the file.
template <class Fill>
void fill_from(const json& document, const std::filesystem::path& path, Fill&& fill) {
  const std::string where = path.string() + ": damaged manifest";
  core::require_counts_in(document,
                          {"inputs", "unfinished_inputs", "input_counts", "splits", "shards",
                           "counts", "repeated_events"},
                          where, again);
  core::read_json<json>(where, again, fill);
}

void read_provenance(const json& document, Provenance& provenance) {
  document.at("provenance").get_to(provenance);
  provenance.sample = document.value("sample", core::SampleInfo{});
  provenance.missing_branches = document.value("missing_branches", std::vector<MissingBranches>{});
  provenance.unfinished_inputs =
      document.value("unfinished_inputs", std::vector<core::UnfinishedFile>{});
}

void write_document(json document, const Provenance& provenance,
                    const std::filesystem::path& folder) {
  document["provenance"] = provenance;
  document["sample"] = provenance.sample;
  document["missing_branches"] = provenance.missing_branches;
  // A set of files that were closed, as nearly all are, has the same manifest as ever.
  if (!provenance.unfinished_inputs.empty())
    document["unfinished_inputs"] = provenance.unfinished_inputs;
  core::write_text_file(folder / manifest_file_name,
                        document.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

void Counts::add(const core::Event& event) {
  ++events;
  hits += event.hits.size();
  muons += event.muons.size();
  // Counted by code first: a look-up by name for every hit would dominate.
  std::array<HitCounts, 256> by_code{};
  for (std::size_t i = 0; i < event.hits.size(); ++i) {
    HitCounts& count = by_code[event.hits.technology[i]];
    ++count.hits;
    if (event.hits.truth_link[i] >= 0) ++count.true_hits;
  }
  for (std::size_t code = 0; code < by_code.size(); ++code) {
    if (by_code[code].hits == 0) continue;
    HitCounts& total = technologies[std::string(core::name(static_cast<core::Technology>(code)))];
    total.hits += by_code[code].hits;
    total.true_hits += by_code[code].true_hits;
    true_hits += by_code[code].true_hits;
  }
}

Counts& Counts::operator+=(const Counts& other) {
  events += other.events;
  hits += other.hits;
  true_hits += other.true_hits;
  muons += other.muons;
  for (const auto& [technology, count] : other.technologies) {
    technologies[technology].hits += count.hits;
    technologies[technology].true_hits += count.true_hits;
  }
  return *this;
}

void InputCounts::add(const SelectionResult& result) {
  muons += result.muons_before;
  const Cut* last_failed = nullptr;
  for (const Cut& cut : cuts) {
    const std::uint32_t failing = result.muons_failing[static_cast<std::size_t>(cut)];
    if (failing == 0) continue;
    muons_failing[std::string(name(cut))] += failing;
    last_failed = &cut;
  }
  // The cuts are applied in a fixed order. An event without a surviving muon counts under the last
  // cut that one of its muons failed: that muon came furthest.
  if (result.kept) {
    ++kept_events;
  } else if (last_failed != nullptr) {
    ++dropped_by[std::string(name(*last_failed))];
  } else {
    ++events_without_muon;
  }
}

InputCounts& InputCounts::operator+=(const InputCounts& other) {
  events += other.events;
  hits += other.hits;
  muons += other.muons;
  bad_events += other.bad_events;
  repeated_events += other.repeated_events;
  kept_events += other.kept_events;
  events_without_muon += other.events_without_muon;
  for (const auto& [cut, n] : other.dropped_by) dropped_by[cut] += n;
  for (const auto& [cut, n] : other.muons_failing) muons_failing[cut] += n;
  return *this;
}

void to_json(json& document, const InputCounts& counts) {
  document = {{"events", counts.events},
              {"hits", counts.hits},
              {"muons", counts.muons},
              {"bad_events", counts.bad_events},
              {"kept_events", counts.kept_events},
              {"events_without_muon", counts.events_without_muon},
              {"dropped_by", counts.dropped_by},
              {"muons_failing", counts.muons_failing}};
  if (counts.repeated_events > 0) document["repeated_events"] = counts.repeated_events;
}

void from_json(const json& document, InputCounts& counts) {
  document.at("events").get_to(counts.events);
  document.at("hits").get_to(counts.hits);
  document.at("muons").get_to(counts.muons);
  document.at("bad_events").get_to(counts.bad_events);
  document.at("kept_events").get_to(counts.kept_events);
  document.at("events_without_muon").get_to(counts.events_without_muon);
  document.at("dropped_by").get_to(counts.dropped_by);
  document.at("muons_failing").get_to(counts.muons_failing);
  counts.repeated_events = document.value("repeated_events", std::uint64_t{0});
}

void to_json(json& document, const Counts& counts) {
  document = {{"events", counts.events},       {"hits", counts.hits},
              {"true_hits", counts.true_hits}, {"background_hits", counts.hits - counts.true_hits},
              {"muons", counts.muons},         {"technologies", counts.technologies}};
}

void from_json(const json& document, Counts& counts) {
  document.at("events").get_to(counts.events);
  document.at("hits").get_to(counts.hits);
  document.at("true_hits").get_to(counts.true_hits);
  document.at("muons").get_to(counts.muons);
  document.at("technologies").get_to(counts.technologies);
}

void write_manifest(const std::filesystem::path& folder, const Manifest& manifest) {
  json document = {{"kind", set_kind},
                   {"inputs", manifest.inputs},
                   {"input_counts", manifest.input_counts},
                   {"splits", manifest.splits},
                   {"shards", manifest.shards}};
  if (!manifest.repeated_events.empty()) document["repeated_events"] = manifest.repeated_events;
  write_document(std::move(document), manifest.provenance, folder);
}

void write_manifest(const std::filesystem::path& folder, const SplitManifest& manifest) {
  write_document({{"kind", split_kind},
                  {"split", manifest.split},
                  {"counts", manifest.counts},
                  {"inputs", manifest.inputs},
                  {"shards", manifest.shards}},
                 manifest.provenance, folder);
}

Manifest read_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / manifest_file_name;
  const json document = read_json(path, set_kind);
  Manifest manifest;
  fill_from(document, path, [&] {
    read_provenance(document, manifest.provenance);
    document.at("inputs").get_to(manifest.inputs);
    document.at("input_counts").get_to(manifest.input_counts);
    document.at("splits").get_to(manifest.splits);
    document.at("shards").get_to(manifest.shards);
    manifest.repeated_events = document.value("repeated_events", std::vector<RepeatedEntries>{});
    for (const Split split : splits)
      for (const char* suffix : {"", "_small"})
        for (const char* part : {"splits", "shards"})
          (void)document.at(part).at(std::string(folder_name(split)) + suffix);
  });
  for (const auto& [name, shards] : manifest.shards)
    for (const ShardInfo& shard : shards)
      core::require_plain_name(shard.file, path.string(), again);
  return manifest;
}

SplitManifest read_split_manifest(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / manifest_file_name;
  const json document = read_json(path, split_kind);
  SplitManifest manifest;
  fill_from(document, path, [&] {
    read_provenance(document, manifest.provenance);
    document.at("split").get_to(manifest.split);
    document.at("counts").get_to(manifest.counts);
    document.at("shards").get_to(manifest.shards);
    manifest.inputs = document.value("inputs", std::vector<InputRecord>{});
  });
  for (const ShardInfo& shard : manifest.shards)
    core::require_plain_name(shard.file, path.string(), again);
  return manifest;
}

}  // namespace stationhit::data
