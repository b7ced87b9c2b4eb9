// What every verb gets: common options, logger, progress, stop flag. Free of spdlog.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <stationhit/core/observer.hpp>

namespace stationhit::app {

enum class Verbosity { quiet, normal, verbose };

// Options that most verbs share.
struct CommonOptions {
  std::string config_file;          // -c, empty = built-in defaults
  bool debug = false;               // -d: quick run, few batches, nothing logged or saved
  std::vector<std::string> set;     // --set key.path=value
  std::optional<unsigned> threads;  // --threads
  Verbosity verbosity = Verbosity::normal;
};

class Program final : public core::Observer {
 public:
  Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Filled before the callback of the verb runs.
  CommonOptions options;

  // Messages to stderr: warnings always, information unless --quiet, debug messages with --verbose.
  [[nodiscard]] const core::Logger& log() const override { return log_; }

  // A progress display on stderr that --quiet switches off.
  [[nodiscard]] std::unique_ptr<core::Progress> start_progress(const std::string& label,
                                                               std::uint64_t total) const override;

  // True after SIGINT or SIGTERM. The program then ends with 128 + signal (130, 143). A second
  // signal ends it at once, and so does the first one as long as nobody has looked at the flag:
  // look before making anything that must be removed again.
  [[nodiscard]] const std::atomic<bool>& stop_flag() const override { return signal_flag(); }
  [[nodiscard]] static const std::atomic<bool>& signal_flag();
  // The first signal ends the program, which says `line`.
  [[nodiscard]] std::unique_ptr<core::EndingAllowed> allow_ending(const char* line) const override;

  // --set arguments with --threads among them: what config::load takes.
  [[nodiscard]] std::vector<std::string> overrides() const;

 private:
  core::Logger log_;
};

// Adds -v/--verbose and --quiet.
void add_output_options(CLI::App& verb, Program& program);

// Adds --threads with its range.
void add_threads_option(CLI::App& verb, Program& program, const std::string& meaning);

// Adds -c/--config (-ct is accepted too), --set, --threads, -d/--debug, -v, --quiet.
// config_required: -c must be given.
void add_common_options(CLI::App& verb, Program& program, bool config_required = true);

// Version, git commit and which of ROOT, Torch and ONNX Runtime this build has.
[[nodiscard]] std::string version_text();

// Runs the program: parses the arguments, runs the verb, turns exceptions into messages and exit
// codes (core::ExitCode).
int run_program(int argc, char** argv, void (*add_verbs)(CLI::App&, Program&));

}  // namespace stationhit::app
