// Failures that are the user's or the data's fault. Messages say what, where, the offending value
// and the next step.
#pragma once

#include <stdexcept>
#include <string>

namespace stationhit::core {

// Exit codes of the program; each exception class below maps to one.
enum class ExitCode : int { ok = 0, usage = 2, config = 3, data = 4, internal = 5 };

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// Wrong command line.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ExitCode::usage, message) {}
};

// Wrong configuration: unknown key, wrong type, value out of range, settings that contradict each
// other.
class ConfigError : public Error {
 public:
  explicit ConfigError(const std::string& message) : Error(ExitCode::config, message) {}
};

// Wrong or unreadable data: input files, models, checkpoints, full disks.
class DataError : public Error {
 public:
  explicit DataError(const std::string& message) : Error(ExitCode::data, message) {}
};

}  // namespace stationhit::core
