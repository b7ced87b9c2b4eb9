// Shards are listed by number of chunk, whatever thread finished first, so the manifest is the same
// for every number of threads.
#include "prepare_manifest.hpp"

#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::data {
namespace {

std::string describe_empty_set(const InputCounts& counts, const SelectionConfig& selection) {
  const auto dropped = [&](Cut cut) {
    const auto found = counts.dropped_by.find(std::string(name(cut)));
    return std::to_string(found == counts.dropped_by.end() ? 0 : found->second);
  };
  std::string text =
      "no event passes the selection: of " + std::to_string(counts.events) + " events " +
      std::to_string(counts.events_without_muon) +
      " have no truth muon, and the last muon failed pT >= " + core::to_text(selection.min_pt) +
      " GeV in " + dropped(Cut::pt) + ", |eta| <= " + core::to_text(selection.max_abs_eta) +
      " in " + dropped(Cut::eta) + ", hits >= " + std::to_string(selection.min_hits) + " in " +
      dropped(Cut::hits);
  if (counts.bad_events > 0)
    text += "; " + std::to_string(counts.bad_events) + " were skipped for NaN or Inf";
  return text +
         "; check the input files, or loosen selection.min_pt, selection.max_abs_eta, "
         "selection.min_hits";
}

// Consecutive entries become one range.
void add_repeated(const Chunk& chunk, const ChunkResult& result,
                  std::vector<RepeatedEntries>& repeated) {
  for (const std::uint32_t position : result.repeated) {
    const std::uint64_t entry = chunk.first + position;
    const bool continues = !repeated.empty() && repeated.back().input == chunk.file &&
                           repeated.back().first + repeated.back().count == entry;
    if (!continues) repeated.push_back({chunk.file, entry, 0});
    ++repeated.back().count;
  }
}

}  // namespace

Manifest make_manifest(const PreparePlan& plan, const std::vector<ChunkResult>& results) {
  Manifest manifest;
  manifest.provenance = plan.provenance;
  manifest.inputs = plan.input_records();
  for (const LeftOutInput& input : plan.left_out) manifest.inputs.push_back(input.record);
  for (const Split split : splits) {
    Counts& counts = manifest.splits[std::string(folder_name(split))];
    std::vector<ShardInfo>& shards = manifest.shards[std::string(folder_name(split))];
    for (const ChunkResult& result : results) {
      const auto& shard = result.shards[static_cast<std::size_t>(split)];
      if (!shard) continue;
      counts += shard->counts;
      shards.push_back(*shard);
    }
  }
  for (std::size_t chunk = 0; chunk < results.size(); ++chunk) {
    manifest.input_counts += results[chunk].input;
    add_repeated(plan.chunks[chunk], results[chunk], manifest.repeated_events);
  }
  return manifest;
}

void require_events(const Manifest& manifest) {
  const InputCounts& counts = manifest.input_counts;
  if (counts.kept_events == 0)
    throw core::DataError(describe_empty_set(counts, manifest.provenance.selection));
  if (manifest.splits.at("train").events > 0) return;
  throw core::DataError("the training split has no event (" + std::to_string(counts.kept_events) +
                        " kept events went to validation and test); give more input files, or "
                        "change split.by or split.seed");
}

}  // namespace stationhit::data
