#include "permuted_events.hpp"

#include <utility>

#include <stationhit/training/shuffle.hpp>

namespace stationhit::workflow {
namespace {

void permute(features::FeatureTable& table, const std::vector<std::size_t>& columns,
             const std::vector<std::size_t>& order) {
  const std::size_t width = table.n_features();
  std::vector<float> values(order.size());
  for (const std::size_t column : columns) {
    for (std::size_t row = 0; row < order.size(); ++row)
      values[row] = table.values[order[row] * width + column];
    for (std::size_t row = 0; row < order.size(); ++row)
      table.values[row * width + column] = values[row];
  }
}

class PermutedEvents final : public features::LabeledEventStream {
 public:
  PermutedEvents(std::unique_ptr<features::LabeledEventStream> events,
                 std::vector<std::size_t> columns, std::uint64_t seed)
      : events_(std::move(events)), columns_(std::move(columns)), seed_(seed) {}

  std::optional<Job> next() override {
    auto job = events_->next();
    if (!job) return std::nullopt;
    return [make = std::move(*job), columns = columns_, seed = seed_, place = place_++] {
      features::LabeledEvent event = make();
      permute(event.inputs.features, columns,
              training::shuffled_order(event.inputs.nodes.size(), seed, place));
      return event;
    };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_->size(); }

 private:
  std::unique_ptr<features::LabeledEventStream> events_;
  std::vector<std::size_t> columns_;
  std::uint64_t seed_, place_ = 0;
};

}  // namespace

std::unique_ptr<features::LabeledEventStream> permute_columns(
    std::unique_ptr<features::LabeledEventStream> events, std::vector<std::size_t> columns,
    std::uint64_t seed, std::uint64_t repetition) {
  return std::make_unique<PermutedEvents>(std::move(events), std::move(columns),
                                          training::mixed_seed(seed, repetition));
}

}  // namespace stationhit::workflow
