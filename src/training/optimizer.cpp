// A table connects the name of an optimizer with the functions that make it, and that save and
// restore the state of one parameter as named tensors. Torch keeps that state by the address of the
// parameter; files keep it by the parameter's name.
#include "optimizer.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <stationhit/core/errors.hpp>

#include "lion.hpp"

namespace stationhit::training {
namespace {

using torch::optim::Optimizer;
using torch::optim::OptimizerParamState;
using Parameters = std::vector<torch::Tensor>;

template <class OptimizerAlgorithm, class Options>
std::unique_ptr<Optimizer> make_with_decay(const Parameters& parameters,
                                           const OptimizerConfig& config) {
  return std::make_unique<OptimizerAlgorithm>(
      parameters, Options(config.learning_rate).weight_decay(config.weight_decay));
}

std::unique_ptr<Optimizer> make_sgd(const Parameters& parameters, const OptimizerConfig& config) {
  const auto options = torch::optim::SGDOptions(config.learning_rate)
                           .weight_decay(config.weight_decay)
                           .momentum(sgd_momentum);
  return std::make_unique<torch::optim::SGD>(parameters, options);
}

template <class State>
NamedTensors save_adam(const OptimizerParamState& state) {
  const auto& values = static_cast<const State&>(state);
  return {{"step", torch::tensor(values.step(), torch::kLong)},
          {"exp_avg", values.exp_avg()},
          {"exp_avg_sq", values.exp_avg_sq()}};
}

template <class State>
std::unique_ptr<OptimizerParamState> load_adam(const NamedTensors& tensors) {
  auto state = std::make_unique<State>();
  state->step(tensors.at("step").item<std::int64_t>());
  state->exp_avg(tensors.at("exp_avg").clone());
  state->exp_avg_sq(tensors.at("exp_avg_sq").clone());
  return state;
}

NamedTensors save_sgd(const OptimizerParamState& state) {
  return {{"momentum_buffer",
           static_cast<const torch::optim::SGDParamState&>(state).momentum_buffer()}};
}

std::unique_ptr<OptimizerParamState> load_sgd(const NamedTensors& tensors) {
  auto state = std::make_unique<torch::optim::SGDParamState>();
  state->momentum_buffer(tensors.at("momentum_buffer").clone());
  return state;
}

NamedTensors save_lion(const OptimizerParamState& state) {
  return {{"exp_avg", static_cast<const LionParamState&>(state).exp_avg()}};
}

std::unique_ptr<OptimizerParamState> load_lion(const NamedTensors& tensors) {
  auto state = std::make_unique<LionParamState>();
  state->exp_avg(tensors.at("exp_avg").clone());
  return state;
}

struct OptimizerAlgorithm {
  OptimizerType name;
  std::unique_ptr<Optimizer> (*make)(const Parameters&, const OptimizerConfig&);
  // The type of a running optimizer finds its row again, so no name has to be carried along.
  const std::type_info& (*type)();
  NamedTensors (*save)(const OptimizerParamState&);
  std::unique_ptr<OptimizerParamState> (*load)(const NamedTensors&);
};

template <class T>
const std::type_info& type_of() {
  return typeid(T);
}

// The registry: a new optimizer is one line here.
constexpr std::array<OptimizerAlgorithm, 4> algorithms{{
    {OptimizerType::adamw, make_with_decay<torch::optim::AdamW, torch::optim::AdamWOptions>,
     type_of<torch::optim::AdamW>, save_adam<torch::optim::AdamWParamState>,
     load_adam<torch::optim::AdamWParamState>},
    {OptimizerType::adam, make_with_decay<torch::optim::Adam, torch::optim::AdamOptions>,
     type_of<torch::optim::Adam>, save_adam<torch::optim::AdamParamState>,
     load_adam<torch::optim::AdamParamState>},
    {OptimizerType::sgd, make_sgd, type_of<torch::optim::SGD>, save_sgd, load_sgd},
    {OptimizerType::lion, make_with_decay<Lion, LionOptions>, type_of<Lion>, save_lion, load_lion},
}};

const OptimizerAlgorithm& find_algorithm(const Optimizer& optimizer) {
  return *std::ranges::find_if(algorithms, [&](const OptimizerAlgorithm& entry) {
    return entry.type() == typeid(optimizer);
  });
}

// quantity: the name of the tensor in the state.
void require_shape(const std::string& quantity, const torch::Tensor& tensor,
                   const std::string& name, const torch::Tensor& parameter) {
  const bool fits = quantity == "step" ? tensor.numel() == 1 : tensor.sizes() == parameter.sizes();
  if (!fits)
    throw core::DataError("the optimizer state " + quantity + " of " + name +
                          " has another shape than " + name);
}

// The state as `load` makes it. Throws DataError where a tensor is missing or has another shape
// than the parameter.
std::unique_ptr<OptimizerParamState> load_state(const OptimizerAlgorithm& algorithm,
                                                const NamedTensors& tensors,
                                                const std::string& name,
                                                const torch::Tensor& parameter) {
  for (const auto& [quantity, tensor] : tensors) require_shape(quantity, tensor, name, parameter);
  try {
    return algorithm.load(tensors);
  } catch (const std::out_of_range&) {
    throw core::DataError("the optimizer state of " + name + " is incomplete");
  }
}

}  // namespace

std::vector<std::string> known_optimizers() {
  std::vector<std::string> names;
  for (const auto& entry : algorithms) names.emplace_back(core::name(entry.name));
  return names;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerConfig& config,
                                          const models::Network& network) {
  return std::ranges::find(algorithms, config.name, &OptimizerAlgorithm::name)
      ->make(network.trained_parameters().values(), config);
}

void set_learning_rate(Optimizer& optimizer, double learning_rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(learning_rate);
}

NamedTensors optimizer_state(const Optimizer& optimizer, const models::Network& network) {
  NamedTensors result;
  for (const auto& parameter : network.trained_parameters()) {
    const auto entry = optimizer.state().find(parameter.value().unsafeGetTensorImpl());
    if (entry == optimizer.state().end()) continue;
    for (const auto& [quantity, tensor] : find_algorithm(optimizer).save(*entry->second)) {
      result.emplace("optimizer." + parameter.key() + "." + quantity, tensor);
    }
  }
  return result;
}

void restore_optimizer_state(Optimizer& optimizer, const models::Network& network,
                             const NamedTensors& state) {
  for (const auto& parameter : network.trained_parameters()) {
    const std::string prefix = "optimizer." + parameter.key() + ".";
    NamedTensors own;
    // Names are sorted, so those of one parameter follow each other.
    for (auto entry = state.lower_bound(prefix);
         entry != state.end() && entry->first.starts_with(prefix); ++entry) {
      own.emplace(entry->first.substr(prefix.size()), entry->second.to(parameter.value().device()));
    }
    if (!own.empty())
      optimizer.state()[parameter.value().unsafeGetTensorImpl()] =
          load_state(find_algorithm(optimizer), own, parameter.key(), parameter.value());
  }
}

}  // namespace stationhit::training
