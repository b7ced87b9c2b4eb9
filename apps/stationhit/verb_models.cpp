// stationhit models: lists the trained models that come with the program.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <stationhit/workflow/model_card.hpp>

#include "frame/model_library.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

void print_models() {
  const auto models = library_models();
  if (models.empty()) {
    std::puts("This program comes without models; STATIONHIT_MODELS names a folder with some.");
    return;
  }
  std::printf("%-24s %-20s %10s  %-24s %s\n", "name", "network", "parameters",
              "purity at 99 % (test)", "file");
  for (const LibraryModel& model : models) {
    const workflow::ModelSummary summary = workflow::summarize_model(model.file);
    std::printf("%-24s %-20s %10ju  %-24s %s\n", model.name.c_str(), summary.network.c_str(),
                static_cast<std::uintmax_t>(summary.parameters), summary.purity.c_str(),
                model.file.c_str());
  }
  std::puts(
      "\nEvery subcommand that takes an ONNX file takes these names. stationhit inspect NAME "
      "--card says where a model comes from and what it is for.");
}

}  // namespace

void add_models(CLI::App& app, Program& program) {
  CLI::App* verb =
      app.add_subcommand("models", "List the trained models that come with the program");
  add_output_options(*verb, program);
  verb->callback(print_models);
}

}  // namespace stationhit::app
