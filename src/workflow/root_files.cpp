#include "root_files.hpp"

#include <utility>
#include <vector>

#include <stationhit/data/prepared_split.hpp>
#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/score_file.hpp>
#include <stationhit/root_io/shard_events.hpp>
#include <stationhit/root_io/shards.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

class ShardsSplit final : public LabeledSplit {
 public:
  ShardsSplit(data::PreparedSplit split, materialized::Settings settings)
      : split_(std::move(split)), settings_(std::move(settings)) {}

  [[nodiscard]] std::uint64_t n_events() const override { return split_.counts().events; }
  [[nodiscard]] const core::SampleInfo& sample() const override {
    return split_.manifest.provenance.sample;
  }
  [[nodiscard]] std::string events_id() const override {
    return make_events_id(split_.manifest.provenance.fingerprint, split_.manifest.split);
  }
  [[nodiscard]] std::size_t n_shards() const override { return split_.n_shards(); }
  [[nodiscard]] std::uint64_t shard_events(std::size_t shard) const override {
    return split_.manifest.shards[shard].counts.events;
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_all() const override {
    return labeled(data::read_split(split_, open_shard, data::Verification::none));
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_verified() const override {
    return labeled(data::read_split(split_, open_shard, data::Verification::checksums));
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_shards(
      const std::vector<std::size_t>& shards) const override {
    return labeled(data::read_shards(split_, shards, open_shard, data::Verification::checksums));
  }

 private:
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> labeled(
      std::unique_ptr<core::EventReader> events) const {
    return features::label_events(std::move(events), settings_.graph, settings_.features);
  }

  data::PreparedSplit split_;
  materialized::Settings settings_;
};

}  // namespace

std::unique_ptr<LabeledSplit> open_shards(const fs::path& folder,
                                          const materialized::Settings& settings) {
  data::PreparedSplit split = data::open_split(folder);
  require_branches(folder, split.manifest.provenance.missing_branches, settings.features,
                   settings.graph);
  return std::make_unique<ShardsSplit>(std::move(split), settings);
}

std::unique_ptr<core::EventList> list_shard_events(const fs::path& folder) {
  const data::PreparedSplit split = data::open_split(folder);
  std::vector<fs::path> shards;
  for (std::size_t shard = 0; shard < split.n_shards(); ++shard)
    shards.push_back(split.shard_path(shard));
  return std::make_unique<root_io::ShardEvents>(std::move(shards));
}

void write_score_file(const fs::path& path, const metrics::ScoredSample& sample,
                      const core::Logger&) {
  root_io::write_scores(path, sample);
}

core::RootFileDescription describe_root_file(const fs::path& path,
                                             core::UnfinishedFiles unfinished) {
  return root_io::describe(path, unfinished);
}

}  // namespace stationhit::workflow
