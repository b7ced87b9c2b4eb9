#include "frame/program.hpp"

#include <csignal>
#include <filesystem>
#include <new>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>

#include "frame/arguments.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

CommonOptions seen_options;
std::vector<std::string> seen_overrides;

void add_failing(CLI::App& app, const std::string& name, void (*fail)()) {
  app.add_subcommand(name)->callback(fail);
}

void add_test_verbs(CLI::App& app, Program& program) {
  add_failing(app, "usage", [] { throw core::UsageError("wrong usage"); });
  add_failing(app, "config", [] { throw core::ConfigError("wrong config"); });
  add_failing(app, "data", [] { throw core::DataError("wrong data"); });
  add_failing(app, "path", [] { std::filesystem::create_directory("/dev/null/x"); });
  add_failing(app, "bug", [] { throw std::logic_error("a bug"); });
  add_failing(app, "memory", [] { throw std::bad_alloc(); });
  add_missing_verb(app, "train", "Train a network", "ROOT TORCH");
  CLI::App* good = app.add_subcommand("good");
  add_common_options(*good, program);
  good->callback([&program] {
    seen_options = program.options;
    seen_overrides = program.overrides();
  });
}

void add_talking_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("talk");
  add_output_options(*verb, program);
  verb->callback([&program] {
    program.log().debug("detail {}");
    program.log().info("news");
    program.log().warning("care");
  });
}

using AddVerbs = void (*)(CLI::App&, Program&);

int call(std::vector<std::string> arguments, AddVerbs add_verbs = add_test_verbs) {
  arguments.insert(arguments.begin(), "stationhit");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return run_program(static_cast<int>(argv.size()), argv.data(), add_verbs);
}

struct Outcome {
  int code;
  std::string error;
};

Outcome run(const std::vector<std::string>& arguments, AddVerbs add_verbs = add_test_verbs) {
  ::testing::internal::CaptureStderr();
  const int code = call(arguments, add_verbs);
  return {code, ::testing::internal::GetCapturedStderr()};
}

TEST(Program, ExceptionsBecomeMessagesAndExitCodes) {
  const auto expect = [](const char* verb, int code, const std::string& error) {
    const Outcome outcome = run({verb});
    EXPECT_EQ(outcome.code, code) << verb;
    EXPECT_EQ(outcome.error, error);
  };
  expect("usage", 2, "error: wrong usage\n");
  expect("config", 3, "error: wrong config\n");
  expect("data", 4, "error: wrong data\n");
  expect("path", 4, "error: /dev/null/x: Not a directory; check the path and its permissions\n");
  expect("bug", 5, "error: internal error, please report: a bug\n");
  expect(
      "memory", 4,
      "error: not enough memory for this input; fewer --threads and smaller buckets need less\n");
}

TEST(Program, VerbThatIsNotBuiltSaysWhichOptionsBringIt) {
  const std::string expected =
      "error: 'train' is not available: this program was built without ROOT and Torch "
      "(-DSTATIONHIT_WITH_ROOT=ON -DSTATIONHIT_WITH_TORCH=ON)\n";
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"train"},
                                                    {"train", "-c", "run.yaml", "--set", "a=b"},
                                                    {"train", "-d"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.error, expected);
  }
}

TEST(Program, CommonOptions) {
  ASSERT_EQ(run({"good", "-ct", "run.yaml", "-d", "--set", "a=1", "--threads", "3", "--set",
                 "b=[1, 2]", "--set", "c=x,y"})
                .code,
            0);
  EXPECT_EQ(seen_options.config_file, "run.yaml");
  EXPECT_TRUE(seen_options.debug);
  EXPECT_EQ(seen_overrides, (std::vector<std::string>{"a=1", "b=[1, 2]", "c=x,y", "threads=3"}));
  const Outcome outcome = run({"good"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.error.find("--config is required"), std::string::npos) << outcome.error;
}

TEST(Program, NumbersOnTheCommandLineAreDecimalAndWhole) {
  for (const char* wrong : {"0x10", "3abc", "-2", "1e3", "", "3,5"}) {
    const Outcome outcome = run({"good", "-c", "x", "--threads", wrong});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.error, "error: good: --threads: expected an integer >= 0, found '" +
                                 std::string(wrong) + "'; see stationhit good --help\n");
  }
  ASSERT_EQ(run({"good", "-c", "x", "--threads", "010"}).code, 0);
  EXPECT_EQ(seen_options.threads, 10U);
}

TEST(Program, WrongCommandLinesAreExplained) {
  const auto error_of = [](const std::vector<std::string>& arguments) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2);
    return outcome.error;
  };
  EXPECT_EQ(error_of({"good", "my.yaml"}),
            "error: good: unexpected argument 'my.yaml'; a configuration is given with -c: "
            "stationhit good -c my.yaml\n");
  EXPECT_EQ(error_of({"-ct", "my.yaml", "good"}),
            "error: '-c' stands before the verb; the verb comes first: stationhit VERB -c ...; "
            "verbs: usage, config, data, path, bug, memory, train, good\n");
  EXPECT_EQ(error_of({"good", "-c", "x", "--thread", "2"}),
            "error: good: unknown option '--thread', did you mean '--threads'?; see stationhit "
            "good --help\n");
}

TEST(Program, MessagesDoNotActOnTheTerminal) {
  const auto add = [](CLI::App& app, Program&) {
    add_failing(app, "data", [] { throw core::DataError("a\x1B[31mb\nc"); });
  };
  EXPECT_EQ(run({"data"}, add).error, "error: a\\x1B[31mb\nc\n");
}

TEST(Program, VerbosityDecidesWhatTheLoggerShows) {
  const auto log_of = [](const std::vector<std::string>& flags) {
    std::vector<std::string> arguments{"talk"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return run(arguments, add_talking_verb).error;
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  const std::string normal = log_of({}), verbose = log_of({"-v"}), quiet = log_of({"--quiet"});
  EXPECT_TRUE(!has(normal, "detail") && has(normal, "news") && has(normal, "care"));
  EXPECT_TRUE(has(verbose, "detail {}") && has(verbose, "news") && has(verbose, "care"));
  EXPECT_TRUE(!has(quiet, "detail") && !has(quiet, "news") && has(quiet, "care"));
}

TEST(Program, FirstSignalAsksToStopSecondEndsTheProgram) {
  EXPECT_EXIT(
      {
        call({"good", "-c", "x"});
        (void)Program::signal_flag();  // installs the handlers
        std::raise(SIGTERM);
        std::fprintf(stderr, "stop requested: %d\n",
                     static_cast<int>(Program::signal_flag().load()));
        std::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "stop requested: 1");
}

TEST(Program, FirstSignalEndsWhatNeverLooksAtTheFlag) {
  EXPECT_EXIT(
      {
        call({"good", "-c", "x"});
        std::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "stopped before anything was made");
}

TEST(Program, FirstSignalEndsAVerbThatHasNothingToSave) {
  EXPECT_EXIT(
      {
        call({"good", "-c", "x"});
        const Program program;
        const auto ending = program.allow_ending("stopped: no report is written\n");
        (void)Program::signal_flag();
        std::raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "stopped: no report is written");
}

TEST(Program, SignalsEndAPartOfTheWorkThatCannotAsk) {
  EXPECT_EXIT(
      {
        call({"good", "-c", "x"});
        (void)Program::signal_flag();
        const Program program;
        const auto ending = program.allow_ending("stopped: the test is not written\n");
        std::raise(SIGTERM);
      },
      ::testing::KilledBySignal(SIGTERM), "stopped: the test is not written");
}

TEST(Program, AfterThatPartSignalsAskToStopAgain) {
  EXPECT_EXIT(
      {
        call({"good", "-c", "x"});
        (void)Program::signal_flag();
        (void)Program().allow_ending("stopped: the test is not written\n");
        std::raise(SIGTERM);
        std::exit(Program::signal_flag().load() ? 7 : 1);
      },
      ::testing::ExitedWithCode(7), "");
}

TEST(Arguments, OnlyTheWholeWordCtChanges) {
  const char* argv[] = {"stationhit", "train", "-ct", "-ctx", "x-ct", "-c"};
  EXPECT_EQ(normalized_arguments(6, argv),
            (std::vector<std::string>{"train", "-c", "-ctx", "x-ct", "-c"}));
  EXPECT_TRUE(normalized_arguments(0, argv).empty());
}

}  // namespace
}  // namespace stationhit::app
