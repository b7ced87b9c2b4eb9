#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/model_library.hpp>

namespace stationhit::onnx_file {
namespace {

namespace fs = std::filesystem;

constexpr const char* float_file = "model.onnx";
constexpr const char* int8_file = "model.int8.onnx";

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

}  // namespace

ModelLibrary::ModelLibrary(const std::optional<fs::path>& own, std::string owner)
    : owner_(std::move(owner)) {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv("STATIONHIT_MODELS"); variable != nullptr && *variable)
    folders.emplace_back(variable);
  if (own) folders.push_back(*own);
  for (const fs::path& folder : folders)
    for (LibraryModel& model : models_in(folder))
      if (std::ranges::find(models_, model.name, &LibraryModel::name) == models_.end())
        models_.push_back(std::move(model));
}

fs::path ModelLibrary::find(const fs::path& model) const {
  std::error_code none;
  if (fs::exists(model, none)) return model;
  const auto found = std::ranges::find(models_, model.string(), &LibraryModel::name);
  if (found != models_.end()) return found->file;
  if (model.has_extension() || model.has_parent_path()) return model;
  std::vector<std::string> names;
  for (const LibraryModel& one : models_) names.push_back(one.name);
  const std::string near = core::nearest(model.string(), names);
  throw core::DataError(
      model.string() + ": no such file, and no model that comes with " + owner_ +
      (near.empty() ? "" : " (did you mean '" + near + "'?)") + "; " +
      (names.empty() ? "it comes without models (STATIONHIT_MODELS names a folder with some)"
                     : "there are " + core::join(names)));
}

std::optional<std::string> ModelLibrary::name_of(const fs::path& file) const {
  const auto found = std::ranges::find(models_, file, &LibraryModel::file);
  if (found == models_.end()) return std::nullopt;
  return found->name;
}

}  // namespace stationhit::onnx_file
