// SessionOptions::environment: the environment of the program is used, and stays the program's. A
// process has one environment, so the test runs in a process of its own, where nothing has made
// one.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <onnxruntime_cxx_api.h>
#include <support/known_models.hpp>

#include <stationhit/inference/onnx_model.hpp>

namespace stationhit {
namespace {

using inference::OnnxModel;

void count_message(void* count, OrtLoggingLevel /*severity*/, const char* /*category*/,
                   const char* /*id*/, const char* /*place*/, const char* /*message*/) {
  ++*static_cast<int*>(count);
}

// Ends the process: 0 if all is well.
[[noreturn]] void run_in_environment_of_the_program() {
  const auto path = test::write_model(test::table_model());
  inference::ModelInputs inputs;
  inputs.n_nodes = 3;
  inputs.features = {1, 2, 3, 4, 5, 6};
  inputs.k = 4;
  inputs.neighbors = {1, 2, -1, -1, 0, -1, -1, -1, 1, 0, -1, -1};
  int messages = 0;
  std::vector<float> first;
  {
    const Ort::Env env(ORT_LOGGING_LEVEL_VERBOSE, "program", count_message, &messages);
    inference::SessionOptions options;
    options.environment = env;
    // If a model released the environment, the second one would use what is gone.
    for (int i = 0; i < 2; ++i) {
      messages = 0;
      const OnnxModel model(path, options);
      const std::vector<float> logits = model.run(inputs);
      if (messages == 0) std::_Exit(10);
      if (i == 0) first = logits;
      if (logits.empty() || logits != first) std::_Exit(11);
    }
  }
  // Without it, another environment.
  messages = 0;
  if (OnnxModel(path).run(inputs) != first) std::_Exit(12);
  std::_Exit(messages == 0 ? 0 : 13);
}

TEST(Environment, OfTheProgramIsUsedAndNotReleased) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_in_environment_of_the_program(), testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace stationhit
