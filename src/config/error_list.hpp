// The errors of one configuration: they are collected, so that all of them are reported at once.
#pragma once

#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::config {

class ErrorList {
 public:
  void add(std::string message) { messages_.push_back(std::move(message)); }

  // Runs `step` and keeps the ConfigError that it throws, with `prefix` before its message.
  template <class Step>
  void collect(const std::string& prefix, Step&& step) {
    try {
      step();
    } catch (const core::ConfigError& error) {
      add(prefix + error.what());
    }
  }

  [[nodiscard]] bool empty() const { return messages_.empty(); }

  // Throws one ConfigError with a line for every error.
  void throw_if_any() const {
    if (!empty()) throw core::ConfigError(core::join(messages_, "\n"));
  }

 private:
  std::vector<std::string> messages_;
};

}  // namespace stationhit::config
