#include "own_events.hpp"

#include <algorithm>
#include <utility>

namespace stationhit::training {
namespace {

class OwnEvents final : public features::LabeledEventStream {
 public:
  OwnEvents(std::unique_ptr<features::LabeledEventStream> all, Ranks ranks, std::uint64_t limit)
      : all_(std::move(all)), ranks_(std::move(ranks)), limit_(limit) {}

  std::optional<Job> next() override {
    while (read_ < limit_) {
      auto job = all_->next();
      if (!job) break;
      if (ranks_.takes(read_++)) return job;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    const auto all = all_->size();
    if (!all) return std::nullopt;
    const std::uint64_t counted = std::min(*all, limit_);
    return counted / ranks_.size() + (counted % ranks_.size() > ranks_.rank() ? 1 : 0);
  }

 private:
  std::unique_ptr<features::LabeledEventStream> all_;
  Ranks ranks_;
  std::uint64_t limit_, read_ = 0;
};

}  // namespace

std::unique_ptr<features::LabeledEventStream> take_own_events(
    std::unique_ptr<features::LabeledEventStream> all, const Ranks& ranks, std::uint64_t limit) {
  return std::make_unique<OwnEvents>(std::move(all), ranks, limit);
}

}  // namespace stationhit::training
