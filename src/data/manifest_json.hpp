// JSON of the manifest types; the journal uses the same.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/manifest.hpp>

namespace stationhit::data {

// Choices are stored by name. Without these functions the library would store their numbers.
template <core::NamedEnum E>
void to_json(nlohmann::json& json, E value) {
  json = core::name(value);
}
template <core::NamedEnum E>
void from_json(const nlohmann::json& json, E& value) {
  const auto found = core::value_of<E>(json.get<std::string>());
  if (!found) {
    throw nlohmann::json::other_error::create(
        501, "unknown choice " + json.dump() + "; expected " + core::join(core::all_names<E>()),
        &json);
  }
  value = *found;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(HitCounts, hits, true_hits)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SelectionConfig, min_pt, max_abs_eta, min_hits,
                                   drop_events_without_muon)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SplitConfig, by, train, validation, seed, balance)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RepeatedEntries, input, first, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MissingBranches, file, branches)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputRecord, file, process, size, entries, checksum, split)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Provenance, format, program_version, fingerprint, tree,
                                   selection, split, split_method, events_per_shard, small_events,
                                   skip_bad)

}  // namespace stationhit::data

namespace stationhit::core {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SampleInfo, origin, mu)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UnfinishedFile, file, events, bytes_behind)
}  // namespace stationhit::core

namespace stationhit::data {

void to_json(nlohmann::json& json, const InputCounts& counts);
void from_json(const nlohmann::json& json, InputCounts& counts);
void to_json(nlohmann::json& json, const Counts& counts);
void from_json(const nlohmann::json& json, Counts& counts);

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ShardInfo, file, counts, columns)

}  // namespace stationhit::data
