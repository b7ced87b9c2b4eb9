// stationhit inspect FILE: says what a file of this program contains.
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

#include <stationhit/core/errors.hpp>

#include "frame/verbs.hpp"
#include "inspect/describe.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

std::string first_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw core::DataError(path.string() + ": cannot be read");
  std::string bytes(9, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

[[noreturn]] void reject(const fs::path& path) {
  throw core::DataError(path.string() +
                        ": not a file that this program knows; it reads ROOT files (hit ntuples, "
                        "prepared shards, scores), folders of prepared data "
                        "(or their manifest.json), YAML files (configurations, statistics), "
                        "checkpoints (.safetensors) and ONNX models (.onnx)");
}

std::string describe(const fs::path& path) {
  if (!fs::exists(path)) throw core::DataError(path.string() + ": no such file or folder");
  if (fs::is_directory(path)) {
    if (!fs::exists(path / "manifest.json")) reject(path);
    return describe_prepared(path);
  }
  const std::string extension = path.extension().string();
  if (path.filename() == "manifest.json")
    return describe_prepared(path.has_parent_path() ? path.parent_path() : fs::path("."));
  if (extension == ".yaml" || extension == ".yml") return describe_yaml(path);
  if (extension == ".onnx") return describe_onnx(path);
  const std::string start = first_bytes(path);
  if (start.starts_with("root")) return describe_root(path);
  // A safetensors file starts with the length of its header (8 bytes), then JSON.
  if (extension == ".safetensors" || (start.size() == 9 && start[8] == '{'))
    return describe_safetensors(path);
  reject(path);
}

}  // namespace

void add_inspect(CLI::App& app, Program& program) {
  struct Options {
    fs::path path, display, drawing;
    std::optional<std::uint64_t> event;
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
  verb->callback([options] {
    if (!options->display.empty()) {
      std::cout << draw_event(options->path, options->event, options->display);
    } else if (!options->drawing.empty()) {
      std::cout << draw_network(options->path, options->drawing);
    } else {
      std::cout << describe(options->path);
    }
  });
}

}  // namespace stationhit::app
