#include "callbacks.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {
namespace {

#define STATIONHIT_REGISTER_CALLBACK(name) std::pair{CallbackType::name, &make_##name},
constexpr std::array builders{STATIONHIT_FOR_EACH_CALLBACK(STATIONHIT_REGISTER_CALLBACK)};
#undef STATIONHIT_REGISTER_CALLBACK

std::unique_ptr<Callback> make_callback(CallbackType type, const TrainingRun& run) {
  return std::ranges::find(builders, type, [](const auto& builder) { return builder.first; })
      ->second(run);
}

// Their states are kept by name.
void require_different_names(const std::vector<std::shared_ptr<Callback>>& callbacks) {
  std::set<std::string> names;
  for (const auto& callback : callbacks) {
    if (!names.insert(callback->name()).second)
      throw core::ConfigError("training.callbacks: '" + callback->name() +
                              "' stands there twice; remove one of them");
  }
}

}  // namespace

Callbacks::Callbacks(const TrainingRun& run, const TrainingHooks& hooks) {
  callbacks_.push_back(make_early_stopping(run));
  callbacks_.push_back(make_best_checkpoint(run));
  for (const CallbackType type : run.training.callbacks)
    callbacks_.push_back(make_callback(type, run));
  callbacks_.insert(callbacks_.end(), hooks.callbacks.begin(), hooks.callbacks.end());
  require_different_names(callbacks_);
}

void Callbacks::restore(const CallbackStates& saved) {
  for (const auto& callback : callbacks_) {
    const auto state = saved.find(callback->name());
    if (state != saved.end()) callback->restore(state->second);
  }
}

CallbackStates Callbacks::states() const {
  CallbackStates states;
  for (const auto& callback : callbacks_) states.emplace(callback->name(), callback->state());
  return states;
}

void Callbacks::begin(const TrainingStart& start) {
  for (const auto& callback : callbacks_) callback->begin(start);
}

double Callbacks::learning_rate(double scheduled) {
  for (const auto& callback : callbacks_) scheduled = callback->learning_rate(scheduled);
  return scheduled;
}

void Callbacks::before_step(const StepReport& step) {
  for (const auto& callback : callbacks_) callback->before_step(step);
}

void Callbacks::after_step(const StepReport& step, const models::Network& network) {
  for (const auto& callback : callbacks_) callback->after_step(step, network);
}

void Callbacks::after_epoch(const EpochReport& epoch) {
  for (const auto& callback : callbacks_) callback->after_epoch(epoch);
}

void Callbacks::after_save() {
  for (const auto& callback : callbacks_) callback->after_save();
}

void Callbacks::end(const core::Logger& log) {
  for (const auto& callback : callbacks_) callback->end(log);
}

std::shared_ptr<models::Network> Callbacks::validated_network(const Learner& learner) {
  for (const auto& callback : callbacks_)
    if (auto network = callback->validated_network()) return network;
  return learner.network;
}

bool Callbacks::wants_stop() const {
  return std::ranges::any_of(callbacks_,
                             [](const auto& callback) { return callback->wants_stop(); });
}

}  // namespace stationhit::training
