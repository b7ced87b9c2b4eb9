// The list of the callbacks that training.callbacks may name. A new callback is one name here and,
// found by that name, make_<name> in src/training/<name>.cpp. Free of Torch.
#pragma once

#include <array>
#include <string_view>

// Applies the macro USE to every name.
#define STATIONHIT_FOR_EACH_CALLBACK(USE) \
  USE(keep_best)                          \
  USE(ema)                                \
  USE(norms)                              \
  USE(steps)                              \
  USE(profile)

namespace stationhit::training {

#define STATIONHIT_CALLBACK_TYPE(name) name,
enum class CallbackType { STATIONHIT_FOR_EACH_CALLBACK(STATIONHIT_CALLBACK_TYPE) };
#undef STATIONHIT_CALLBACK_TYPE

#define STATIONHIT_CALLBACK_NAME(name) std::string_view{#name},
constexpr auto names_of(CallbackType) {
  return std::to_array({STATIONHIT_FOR_EACH_CALLBACK(STATIONHIT_CALLBACK_NAME)});
}
#undef STATIONHIT_CALLBACK_NAME

}  // namespace stationhit::training
