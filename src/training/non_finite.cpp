// What is looked at, in the order in which a number enters a step: weights, features of an event,
// outputs of the layers, loss, gradients. Gradients are computed from the loss backward, so the
// first one is that of the last parameter.
#include "non_finite.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <stationhit/models/activations.hpp>
#include <stationhit/training/trainer.hpp>

namespace stationhit::training {
namespace {

using torch::Tensor;

constexpr const char* gentler_steps =
    "lower training.optimizer.learning_rate, or set training.optimizer.gradient_clip or "
    "normalization_stats";

// What was found first, and what to do about it.
struct Finding {
  std::string what, advice = gentler_steps;
};

bool is_finite(const Tensor& tensor) {
  const Tensor dense = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  const std::span<const float> values(dense.const_data_ptr<float>(),
                                      static_cast<std::size_t>(dense.numel()));
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

std::optional<Finding> find_in_weights(const models::Network& network) {
  for (const auto& item : network.named_parameters())
    if (!is_finite(item.value())) return Finding{"the weights " + item.key() + " are not finite"};
  return std::nullopt;
}

std::string of_event(const Sample& sample) {
  return " of event " + std::to_string(sample.event_number);
}

std::optional<Finding> find_in_features(const models::Network& network, const Sample& sample) {
  const auto found =
      std::ranges::find_if_not(sample.features, [](float value) { return std::isfinite(value); });
  if (found == sample.features.end()) return std::nullopt;
  const auto& names = network.feature_names();
  const auto at = static_cast<std::size_t>(found - sample.features.begin());
  return Finding{"the feature " + names[at % names.size()] + of_event(sample) + " is not finite",
                 "leave this feature out, or prepare the set again without this event"};
}

// The name of the module in the network, and of the part where the layer is none.
std::string name_of(const models::Network& network, const torch::nn::Module& owner,
                    const std::string& part) {
  for (const auto& item : network.named_modules("", /*include_self=*/false))
    if (item.value().get() == &owner) return item.key() + (part.empty() ? "" : "." + part);
  return part;
}

// Runs the event and looks at its layers, its loss and its gradients.
std::optional<Finding> find_in_passes(models::Network& network, const Sample& sample,
                                      const StepSettings& settings, std::uint64_t number) {
  std::optional<Finding> found;
  const models::ActivationObserver observer = [&](const torch::nn::Module& owner, const char* part,
                                                  const Tensor& output) {
    if (found || is_finite(output)) return;
    found = Finding{"the output of " + name_of(network, owner, part) + of_event(sample) +
                    " is the first that is not finite"};
  };
  const models::ObservedActivations observed(observer);
  const EventGradients pass = event_gradients(network, sample, settings, number);
  if (found) return found;
  if (!std::isfinite(pass.loss)) return Finding{"the loss" + of_event(sample) + " is not finite"};
  const auto names = network.trained_parameters().keys();
  for (std::size_t i = pass.gradients.size(); i-- > 0;) {
    if (pass.gradients[i].defined() && !is_finite(pass.gradients[i]))
      return Finding{"the gradient of " + names[i] + of_event(sample) +
                     " is the first that is not finite"};
  }
  return std::nullopt;
}

// With the number of its event in the epoch.
std::optional<std::pair<std::uint64_t, Finding>> find_in_events(models::Network& network,
                                                                const FailedStep& step,
                                                                const StepSettings& settings) {
  for (std::size_t i = 0; i < step.samples.size(); ++i) {
    const Sample& sample = *step.samples[i];
    const std::uint64_t number = step.first_event + i * settings.event_step;
    auto found = find_in_features(network, sample);
    if (!found) found = find_in_passes(network, sample, settings, number);
    if (found) return std::pair{number, *found};
  }
  return std::nullopt;
}

// The one of the event that comes first in the epoch, of all ranks.
std::string choose_first(const Ranks& ranks,
                         const std::optional<std::pair<std::uint64_t, Finding>>& own) {
  const std::string bytes =
      own ? std::to_string(own->first) + " " + own->second.what + "; " + own->second.advice : "";
  std::optional<std::uint64_t> first;
  std::string text = std::string("only the sum over the events is not finite; ") + gentler_steps;
  for (const std::string& finding : ranks.exchange(bytes)) {
    if (finding.empty()) continue;
    std::size_t digits = 0;
    const std::uint64_t number = std::stoull(finding, &digits);
    if (first && *first < number) continue;
    first = number;
    text = finding.substr(digits + 1);
  }
  return text;
}

// Without the sign that 0 / 0 has on some machines.
std::string loss_text(double loss) { return std::isnan(loss) ? "nan" : std::to_string(loss); }

}  // namespace

bool is_finite(const BatchGradients& mean) {
  return std::isfinite(mean.loss) &&
         std::ranges::all_of(mean.gradients, [](const Tensor& t) { return is_finite(t); });
}

void refuse_step(models::Network& network, const FailedStep& step, const StepSettings& settings,
                 const Ranks& ranks) {
  const std::string what = std::isfinite(step.loss) ? std::string("a gradient is not finite")
                                                    : "the loss is " + loss_text(step.loss);
  const std::string where = what + " in epoch " + std::to_string(step.epoch) + " after " +
                            std::to_string(step.events_before) + " events: ";
  // All ranks have the same weights.
  if (const auto found = find_in_weights(network))
    throw NonFiniteStep(where + found->what + "; " + found->advice);
  throw NonFiniteStep(where + choose_first(ranks, find_in_events(network, step, settings)));
}

}  // namespace stationhit::training
