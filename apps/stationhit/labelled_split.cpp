#include "labelled_split.hpp"

#include <numeric>
#include <utility>

#include <stationhit/materialised/materialised_split.hpp>

#include "root_files.hpp"

namespace stationhit::app {
namespace {

class PartsSplit final : public LabelledSplit {
 public:
  explicit PartsSplit(materialised::MaterialisedSplit split) : split_(std::move(split)) {}

  [[nodiscard]] std::uint64_t n_events() const override { return split_.manifest().counts.events; }
  [[nodiscard]] const core::SampleInfo& sample() const override { return split_.manifest().sample; }
  [[nodiscard]] std::size_t n_shards() const override { return split_.n_parts(); }
  [[nodiscard]] std::unique_ptr<features::LabelledEventStream> read(bool) const override {
    std::vector<std::size_t> all(n_shards());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return split_.read(std::move(all));
  }
  [[nodiscard]] std::unique_ptr<features::LabelledEventStream> read(const std::vector<std::size_t>& shards) const override {
    return split_.read(shards);
  }

 private:
  materialised::MaterialisedSplit split_;
};

}  // namespace

std::unique_ptr<LabelledSplit> open_labelled_split(const std::filesystem::path& folder, const materialised::Settings& settings) {
  if (!materialised::is_materialised_split(folder)) return open_shards(folder, settings);
  materialised::MaterialisedSplit split(folder);
  materialised::require_same_settings(split.manifest(), folder, settings);
  return std::make_unique<PartsSplit>(std::move(split));
}

}  // namespace stationhit::app
