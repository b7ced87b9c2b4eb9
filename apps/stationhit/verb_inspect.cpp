// stationhit inspect FILE: says what a file of this program contains.
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

#include <stationhit/workflow/describe_file.hpp>
#include <stationhit/workflow/draw_event.hpp>

#include "frame/allow_unfinished.hpp"
#include "frame/verbs.hpp"
#include "inspect/description_text.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

void print_figures(const std::vector<fs::path>& figures) {
  for (const fs::path& figure : figures)
    std::cout << "wrote " << figure.string() << ".png, .pdf, .csv\n";
}

}  // namespace

void add_inspect(CLI::App& app, Program& program) {
  struct Options {
    fs::path path, display, drawing;
    std::optional<std::uint64_t> event;
    core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "inspect", "Say what a file contains: ROOT, prepared data, YAML, checkpoint, ONNX");
  verb->add_option("file", options->path, "File or folder")->required();
  CLI::Option* display =
      verb->add_option("--display", options->display,
                       "Draw one event of a ROOT ntuple or a prepared split into this folder");
  verb->add_option("--event", options->event,
                   "Number of the event to draw; without: the first one with a muon")
      ->needs(display);
  verb->add_option("--draw", options->drawing,
                   "Draw the network of a run configuration into this SVG file")
      ->excludes(display);
  add_output_options(*verb, program);
  add_allow_unfinished(*verb, options->unfinished);
  verb->callback([&program, options] {
    if (!options->display.empty()) {
      print_figures(workflow::draw_event(options->path, options->event, options->display,
                                         options->unfinished, program.log()));
    } else if (!options->drawing.empty()) {
      std::cout << draw_network(options->path, options->drawing);
    } else {
      std::cout << description_text(workflow::describe_file(options->path, options->unfinished));
    }
  });
}

}  // namespace stationhit::app
