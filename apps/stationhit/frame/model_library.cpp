#include "frame/model_library.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* float_file = "model.onnx";
constexpr const char* int8_file = "model.int8.onnx";

std::vector<fs::path> library_folders() {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv("STATIONHIT_MODELS"); variable != nullptr && *variable)
    folders.emplace_back(variable);
  std::error_code none;
  const fs::path program = fs::read_symlink("/proc/self/exe", none);
  if (!none) folders.push_back(program.parent_path().parent_path() / "share/stationhit/models");
  return folders;
}

std::vector<LibraryModel> models_in(const fs::path& folder) {
  std::vector<LibraryModel> models;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    for (const auto& [file, ending] : {std::pair(float_file, ""), std::pair(int8_file, ".int8")})
      if (fs::exists(entry.path() / file)) models.push_back({name + ending, entry.path() / file});
  }
  std::ranges::sort(models, {}, &LibraryModel::name);
  return models;
}

// Of a file of the library.
std::optional<std::string> name_in_library(const fs::path& file) {
  const auto models = library_models();
  const auto found = std::ranges::find(models, file, &LibraryModel::file);
  if (found == models.end()) return std::nullopt;
  return found->name;
}

}  // namespace

std::vector<LibraryModel> library_models() {
  std::vector<LibraryModel> models;
  for (const fs::path& folder : library_folders())
    for (LibraryModel& model : models_in(folder))
      if (std::ranges::find(models, model.name, &LibraryModel::name) == models.end())
        models.push_back(std::move(model));
  return models;
}

fs::path find_model(const fs::path& model) {
  std::error_code none;
  if (fs::exists(model, none)) return model;
  const auto models = library_models();
  const auto found = std::ranges::find(models, model.string(), &LibraryModel::name);
  if (found != models.end()) return found->file;
  if (model.has_extension() || model.has_parent_path()) return model;
  std::vector<std::string> names;
  for (const LibraryModel& one : models) names.push_back(one.name);
  const std::string near = core::nearest(model.string(), names);
  throw core::DataError(
      model.string() + ": no such file, and no model that comes with this program" +
      (near.empty() ? "" : " (did you mean '" + near + "'?)") + "; " +
      (names.empty() ? "it comes without models (STATIONHIT_MODELS names a folder with some)"
                     : "there are " + core::join(names)));
}

bool is_of_library(const fs::path& model) { return name_in_library(model).has_value(); }

fs::path folder_of_results(const fs::path& model) {
  return is_of_library(model) ? fs::path() : model.parent_path();
}

std::string result_stem(const fs::path& model) {
  return name_in_library(model).value_or(model.stem().string());
}

}  // namespace stationhit::app
