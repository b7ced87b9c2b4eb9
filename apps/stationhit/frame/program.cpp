#include "frame/program.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <new>
#include <span>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>

#include "frame/arguments.hpp"
#include "frame/built_parts.hpp"
#include "frame/choice.hpp"
#include "frame/progress_bar.hpp"
#include "frame/run_log.hpp"
#include "frame/status_line.hpp"
#include "frame/usage.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

std::atomic<bool> stop_requested_flag{false};
std::atomic<int> stop_signal{0};
std::atomic<bool> signals_end_program{false};
std::atomic<const char*> line_at_end{"stopped before anything was made\n"};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free &&
                  std::atomic<const char*>::is_always_lock_free,
              "set by a signal handler");

void write_to_stderr(const char* text) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

// A signal that ends the program leaves no line without its end.
void end_status_line() {
  if (StatusLine::is_stderr_drawn()) write_to_stderr("\n");
}

extern "C" void on_signal(int signal) {
  stop_signal = signal;
  if (stop_requested_flag.exchange(true)) {
    end_status_line();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

// Says that the program was stopped before the signal ends it.
extern "C" void on_ending_signal(int signal) {
  end_status_line();
  write_to_stderr(line_at_end);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

constexpr std::array stop_signals{SIGINT, SIGTERM};

using SignalHandler = void (*)(int);

// Returns the handler before. A signal that is ignored, as for a program in the background, stays
// ignored.
SignalHandler end_at_once_on(int signal) {
  const SignalHandler before = std::signal(signal, on_ending_signal);
  if (before == SIG_IGN) std::signal(signal, SIG_IGN);
  return before;
}

void end_at_once_on_signals() {
  for (const int signal : stop_signals) end_at_once_on(signal);
}

// Called once, by the first who looks at the flag. Until then a signal ends the program at once,
// for example while it waits for a file that never opens, because nobody would notice the flag.
bool catch_signals() {
  if (signals_end_program) return false;
  for (const int signal : stop_signals) std::signal(signal, on_signal);
  return true;
}

// Puts the handlers and the line back that it found.
class SignalsEndProgram final : public core::EndingAllowed {
 public:
  explicit SignalsEndProgram(const char* line) : line_before_(line_at_end.exchange(line)) {
    signals_end_program = true;
    std::ranges::transform(stop_signals, before_.begin(), end_at_once_on);
  }
  ~SignalsEndProgram() override {
    for (std::size_t i = 0; i < stop_signals.size(); ++i) std::signal(stop_signals[i], before_[i]);
    signals_end_program = false;
    line_at_end = line_before_;
  }
  SignalsEndProgram(const SignalsEndProgram&) = delete;
  SignalsEndProgram& operator=(const SignalsEndProgram&) = delete;

 private:
  const char* line_before_;
  std::array<SignalHandler, stop_signals.size()> before_{};
};

// ROOT catches the signals of crashes when it is loaded, and starts a debugger for a stack trace:
// that takes seconds and gigabytes and prints what was in memory. A crash ends the program at once,
// with a message if it came from a file.
void replace_crash_handlers() {
  for (const int signal : {SIGSYS, SIGUSR2}) std::signal(signal, SIG_DFL);
  core::tell_crashes_of_files();
}

spdlog::level::level_enum level_of(core::LogLevel level) {
  switch (level) {
    case core::LogLevel::debug:
      return spdlog::level::debug;
    case core::LogLevel::info:
      return spdlog::level::info;
    default:
      return spdlog::level::warn;
  }
}

std::string name_of(core::LogLevel level) {
  const auto name = spdlog::level::to_string_view(level_of(level));
  return {name.data(), name.size()};
}

core::Logger stderr_logger() {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("stationhit", sink);
  logger->set_pattern("%H:%M:%S %^%l%$ %v");
  logger->set_level(spdlog::level::info);
  spdlog::set_default_logger(logger);
  return core::Logger([logger](core::LogLevel level, const std::string& message) {
    // --quiet is about the terminal.
    if (level != core::LogLevel::debug || logger->should_log(level_of(level)))
      RunLog::of_program().add(name_of(level), message);
    StatusLine::of_stderr().print_above(
        [&] { logger->log(level_of(level), "{}", core::printable_text(message)); });
  });
}

void set_verbosity(Program& program, Verbosity verbosity) {
  program.options.verbosity = verbosity;
  spdlog::default_logger()->set_level(verbosity == Verbosity::quiet     ? spdlog::level::warn
                                      : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                                        : spdlog::level::info);
}

int fail(core::ExitCode code, const std::string& message) {
  // Names and values of files are part of messages: what they hold must not act on the terminal.
  std::cerr << "error: " << core::printable_text(message) << std::endl;
  RunLog::of_program().add("error", message);
  return static_cast<int>(code);
}

int parse_and_run(CLI::App& app, std::vector<std::string> arguments) {
  try {
    check_verb(app, arguments);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help or version
    return fail(core::ExitCode::usage, usage_message(app, error));
  } catch (const core::Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(core::ExitCode::data, error.path1().string() + ": " + error.code().message() +
                                          "; check the path and its permissions");
  } catch (const std::bad_alloc&) {
    return fail(core::ExitCode::data,
                "not enough memory for this input; fewer --threads and smaller buckets need less");
  } catch (const std::exception& error) {
    return fail(core::ExitCode::internal,
                std::string("internal error, please report: ") + error.what());
  }
  return 0;
}

// What the verbs print is their result, so a cut-off text is a failure. Network file systems tell
// of a full disk when a descriptor is closed, hence the copy.
bool is_stdout_whole() {
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
  const int copy = dup(STDOUT_FILENO);
  return (copy < 0 || close(copy) == 0) && flushed;
}

int check_stdout(int code) {
  if (is_stdout_whole()) return code;
  const int failure = fail(core::ExitCode::data,
                           "standard output could not be written completely (disk full or closed); "
                           "write it to another place");
  return code == 0 ? failure : code;
}

}  // namespace

Program::Program() : log_(stderr_logger()) {}

const std::atomic<bool>& Program::signal_flag() {
  [[maybe_unused]] static const bool caught = catch_signals();
  return stop_requested_flag;
}

std::unique_ptr<core::EndingAllowed> Program::allow_ending(const char* line) const {
  return std::make_unique<SignalsEndProgram>(line);
}

std::unique_ptr<core::Progress> Program::start_progress(const std::string& label,
                                                        std::uint64_t total) const {
  const auto shown =
      isatty(STDERR_FILENO) != 0 ? ProgressBar::Style::bar : ProgressBar::Style::lines;
  return std::make_unique<ProgressBar>(
      label, total, options.verbosity == Verbosity::quiet ? ProgressBar::Style::none : shown);
}

std::vector<std::string> Program::overrides() const {
  std::vector<std::string> result = options.set;
  if (options.threads) result.push_back("threads=" + std::to_string(*options.threads));
  return result;
}

void add_output_options(CLI::App& verb, Program& program) {
  auto* verbose = verb.add_flag_callback(
      "-v,--verbose", [&program] { set_verbosity(program, Verbosity::verbose); }, "Print more");
  auto* quiet = verb.add_flag_callback(
      "--quiet", [&program] { set_verbosity(program, Verbosity::quiet); },
      "Print warnings and results only");
  verbose->excludes(quiet);
}

void add_threads_option(CLI::App& verb, Program& program, const std::string& meaning) {
  verb.add_option("--threads", program.options.threads, meaning)
      ->check(integer_between(0, core::max_threads));
}

void add_common_options(CLI::App& verb, Program& program, bool config_required) {
  verb.add_option("-c,--config", program.options.config_file, "YAML configuration (also -ct)")
      ->type_name("FILE")
      ->required(config_required);
  verb.add_option("--set", program.options.set, "Override one key; can be repeated")
      ->type_name("KEY.PATH=VALUE")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  add_threads_option(verb, program, "Threads, 0 = all cores");
  verb.add_flag("-d,--debug", program.options.debug,
                "Quick run: few events; nothing is saved but what -o names");
  add_output_options(verb, program);
}

void add_missing_verb(CLI::App& app, const std::string& name, const std::string& help,
                      const std::string& options) {
  CLI::App* verb = app.add_subcommand(name, help + " (not in this build)");
  verb->allow_extras();
  verb->set_help_flag();
  verb->callback([name, options] {
    const auto readable = [](const std::string& option) {
      return option == "TORCH"         ? std::string("Torch")
             : option == "INFERENCE"   ? std::string("inference")
             : option == "ONNXRUNTIME" ? std::string("ONNX Runtime")
                                       : option;
    };
    std::vector<std::string> names, switches;
    for (const std::string& option : CLI::detail::split(options, ' ')) {
      names.push_back(readable(option));
      switches.push_back("-DSTATIONHIT_WITH_" + option + "=ON");
    }
    throw core::UsageError("'" + name + "' is not available: this program was built without " +
                           core::join(names, " and ") + " (" + core::join(switches, " ") + ")");
  });
}

std::string version_text() {
  return "stationhit " + std::string(core::version()) + " (commit " +
         std::string(core::git_commit()) + ")\nROOT: " + built_parts.root +
         "\nTorch: " + built_parts.torch + "\nONNX Runtime: " + built_parts.onnx_runtime;
}

int run_program(int argc, char** argv, void (*add_verbs)(CLI::App&, Program&)) {
  replace_crash_handlers();
  end_at_once_on_signals();
  // The loader has read it already. ROOT would look there for its plugins before its own folder.
  unsetenv("LD_LIBRARY_PATH");
  Program program;
  CLI::App app{"Classifies hits of a muon spectrometer as signal or background", "stationhit"};
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  add_verbs(app, program);
  read_numbers_as_decimal(app);
  refuse_empty_names(app);
  const int code = check_stdout(parse_and_run(app, normalized_arguments(argc, argv)));
  return stop_signal == 0
             ? code
             : 128 + stop_signal;  // as a shell reports a process that the signal ended
}

}  // namespace stationhit::app
