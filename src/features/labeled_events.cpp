// Reading is serial, the work on an event is not: the stream hands out jobs that own their event,
// so that any thread can run them. Settings are shared with the jobs, which may outlive the stream.
#include <utility>

#include <stationhit/features/labeled_events.hpp>

namespace stationhit::features {
namespace {

class LabellingStream final : public LabeledEventStream {
 public:
  LabellingStream(std::unique_ptr<core::EventReader> reader, graph::GraphConfig graph,
                  std::vector<std::string> feature_names)
      : reader_(std::move(reader)),
        settings_(std::make_shared<const Settings>(
            Settings{std::move(graph), std::move(feature_names)})) {}

  std::optional<Job> next() override {
    const auto event = std::make_shared<core::Event>();
    if (!reader_->next(*event)) return std::nullopt;
    return [event, settings = settings_] {
      return label_event(*event, settings->graph, settings->feature_names);
    };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return reader_->size(); }

 private:
  struct Settings {
    graph::GraphConfig graph;
    std::vector<std::string> feature_names;
  };
  std::unique_ptr<core::EventReader> reader_;
  std::shared_ptr<const Settings> settings_;  // of the jobs too
};

}  // namespace

LabeledEvent label_event(const core::Event& event, const graph::GraphConfig& graph,
                         std::span<const std::string> feature_names) {
  LabeledEvent labeled{build_inputs(event, graph, feature_names), {}, core::truth_of(event)};
  labeled.labels = node_labels(event, labeled.inputs.nodes);
  return labeled;
}

std::unique_ptr<LabeledEventStream> label_events(std::unique_ptr<core::EventReader> reader,
                                                 graph::GraphConfig graph,
                                                 std::vector<std::string> feature_names) {
  return std::make_unique<LabellingStream>(std::move(reader), std::move(graph),
                                           std::move(feature_names));
}

}  // namespace stationhit::features
