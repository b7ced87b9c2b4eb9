// The logger that is passed in. Libraries are silent by default and never print.
#pragma once

#include <functional>
#include <string>

namespace stationhit::core {

enum class LogLevel { debug, info, warning };

class Logger {
 public:
  using Sink = std::function<void(LogLevel, const std::string&)>;

  Logger() = default;  // silent
  explicit Logger(Sink sink) : sink_(std::move(sink)) {}

  void debug(const std::string& message) const { write(LogLevel::debug, message); }
  void info(const std::string& message) const { write(LogLevel::info, message); }
  void warning(const std::string& message) const { write(LogLevel::warning, message); }

 private:
  void write(LogLevel level, const std::string& message) const {
    if (sink_) sink_(level, message);
  }
  Sink sink_;
};

}  // namespace stationhit::core
