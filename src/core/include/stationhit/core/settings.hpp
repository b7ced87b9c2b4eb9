// One description per setting. A config struct describes its members beside them, once:
//
//   struct OptimizerConfig {
//     Optimizer name = Optimizer::adamw;
//     double learning_rate = 1e-3;
//
//     static void describe(auto& self, auto&& setting) {
//       setting("name", self.name, "Optimizer");
//       setting("learning_rate", self.learning_rate, "Learning rate at the start", core::above(0));
//     }
//   };
//
// Parser, checks, dump, JSON of checkpoints, comparison of two configurations and the page of
// parameters are visitors: callables that take (key, member, meaning with its unit) and
// optionally the rule for the value. A member that is Described itself is a section. The allowed
// values of a NamedEnum are its names and need no rule.
#pragma once

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/setting_rule.hpp>

namespace stationhit::core {

namespace detail {
struct AnyVisitor {
  template <class Member>
  void operator()(const char*, Member&, const char*, const SettingRule& = {}) const {}
};
}  // namespace detail

template <class Config>
concept Described = requires(Config& config) {
  Config::describe(config, detail::AnyVisitor{});
};

}  // namespace stationhit::core
