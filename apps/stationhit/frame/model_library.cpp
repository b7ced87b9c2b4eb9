#include "frame/model_library.hpp"

#include <optional>
#include <system_error>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

onnx_file::ModelLibrary library() {
  std::error_code none;
  std::optional<fs::path> own;
  const fs::path program = fs::read_symlink("/proc/self/exe", none);
  if (!none) own = program.parent_path().parent_path() / "share/stationhit/models";
  return {own, "this program"};
}

}  // namespace

std::vector<LibraryModel> library_models() { return library().models(); }

fs::path find_model(const fs::path& model) { return library().find(model); }

bool is_of_library(const fs::path& model) { return library().name_of(model).has_value(); }

fs::path folder_of_results(const fs::path& model) {
  return is_of_library(model) ? fs::path() : model.parent_path();
}

std::string result_stem(const fs::path& model) {
  return library().name_of(model).value_or(model.stem().string());
}

}  // namespace stationhit::app
